import re
from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

from adlwatch.adapters import registry
from adlwatch.config import Config, ConfigError, load, parse
from adlwatch.domain.costs import Costs
from adlwatch.domain.model import HedgeSpec
from adlwatch.domain.settings import Settings
from adlwatch.domain.thresholds import Thresholds

ROOT = Path(__file__).parents[1]
FILE = Path("config.toml")
KEY = "f" * 63 + "0"


def refused(text: str) -> str:
    """The one line that a wrong file gives."""
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("config.toml: ")
    return line.removeprefix("config.toml: ")


def test_nothing_at_all_is_a_valid_configuration() -> None:
    assert parse("", FILE) == Config(path=FILE)


def test_the_example_loads_with_every_source_understood() -> None:
    config = load(ROOT / "config.example.toml")
    assert [(spec.id, spec.kind, spec.problem) for spec in config.sources] == [
        ("demo", "mock", None),
        ("vault", "hyperliquid", None),
        ("desk", "book", None),
    ]


def test_the_example_shows_the_defaults_and_changes_none() -> None:
    config = load(ROOT / "config.example.toml")
    assert config.settings == Settings(aliases={"WBTC": "BTC", "STETH": "ETH", "UBTC": "BTC", "UETH": "ETH", "USOL": "SOL"})
    assert (config.display, config.keys, config.log) == (Config().display, Config().keys, Config().log)
    assert (config.history, config.market_lists) == (Config().history, Config().market_lists)


COMMENTED = re.compile(r"""^# ?(?=\[|["\w./-]+ = )""", re.MULTILINE)


def test_everything_the_example_shows_in_comments_is_valid_too() -> None:
    text = (ROOT / "config.example.toml").read_text()
    config = parse(COMMENTED.sub("", text), FILE)
    assert [spec.problem for spec in config.sources] == [None] * len(config.sources)
    assert {spec.kind for spec in config.sources} >= {
        "mock",
        "hyperliquid",
        "book",
        "dydx",
        "lighter",
        "aster",
        "extended",
        "ccxt",
    }
    assert config.settings.hedges == (HedgeSpec("btc-carry", ("desk-main:BTC", "desk-main:BTC/USDT:USDT:short")),)
    assert config.settings.owners == {"client-7": "client", "client-7/BTC": "lender"}
    assert config.heartbeat is not None
    assert len(config.channels) == 3


def test_the_example_names_every_kind_and_every_option_of_a_source() -> None:
    text = (ROOT / "config.example.toml").read_text()
    for kind in registry.names():
        assert re.search(rf"\b{kind}\b", text), kind
        for field in msgspec.structs.fields(registry.load(kind).options):
            assert re.search(rf"\b{field.encode_name}\b", text), f"{kind}: {field.encode_name}"


def test_what_is_written_arrives() -> None:
    config = parse(
        """
        dust_usd = 250
        aliases = {WBTC = "BTC"}
        owners = {client-7 = "client"}
        [[hedge]]
        name = "carry"
        legs = ["a:BTC", "a:BTC/USDT:USDT:short"]
        [thresholds]
        naked_usd = 5000
        [display]
        ascii = true
        time_zone = "Europe/Zurich"
        [keys]
        quit = "ctrl+q,q"
        [log]
        level = "DEBUG"
        """,
        FILE,
    )
    assert config.settings == Settings(
        hedges=(HedgeSpec("carry", ("a:BTC", "a:BTC/USDT:USDT:short")),),
        aliases={"WBTC": "BTC"},
        owners={"client-7": "client"},
        thresholds=Thresholds(naked_usd=5000),
        dust_usd=250,
    )
    assert (config.display.ascii, config.display.time_zone) == (True, "Europe/Zurich")
    assert (dict(config.keys), config.log.level) == ({"quit": "ctrl+q,q"}, "DEBUG")


def test_every_threshold_can_be_set_by_its_name() -> None:
    lines = "\n".join(f"{limit.name} = {limit.default}" for limit in msgspec.structs.fields(Thresholds))
    assert parse(f"[thresholds]\n{lines}", FILE).settings.thresholds == Thresholds()


def test_costs_are_the_users() -> None:
    assert parse("[costs]\ntaker_fee = 0.0002\nfinancing_days = 30", FILE).settings.costs == Costs(
        taker_fee=0.0002, financing_days=30
    )


def test_aliases_are_matched_whatever_their_case() -> None:
    assert parse('[aliases]\nstETH = "eth"', FILE).settings.aliases == {"STETH": "ETH"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[dispaly]", '[dispaly]: unknown key; did you mean "display"?'),
        ("[display]\nthem = 'x'", '[display] them: unknown key; did you mean "theme"?'),
        ("[display]\nascii = 'yes'", '[display] ascii: expected true or false, got "yes"'),
        (
            "[display]\ntime_zone = 'Zurich'",
            '[display]: "Zurich" is no time zone; expected local, UTC, or one such as Europe/Zurich',
        ),
        ("[display]\ntime_zone = '../x'", '[display]: "../x" is no time zone; expected local, UTC, or one such as Europe/Zurich'),
        ("display = 3", "display: expected a table, got 3"),
        ("[log]\nlevel = 'LOUD'", '[log] level: expected one of "DEBUG", "INFO", "WARNING", "ERROR", got "LOUD"'),
        ("dust_usd = 'ten'", 'dust_usd: expected a number, got "ten"'),
        ("dust_usd = nan", "dust_usd: expected a finite number, got nan"),
        ("[aliases]\nWBTC = 1", "[aliases] WBTC: expected a text, got 1"),
        ("[thresholds]\nhedged_warn = 4", '[thresholds] hedged_warn: unknown key; did you mean "hedged_warning"?'),
        ("[thresholds]\nhedged_warning = 4.5", "[thresholds] hedged_warning: expected a whole number, got 4.5"),
        ("[thresholds]\nnaked_usd = inf", "[thresholds] naked_usd: expected a finite number, got inf"),
        ("[costs]\ntaker_fee = -1", "[costs]: taker_fee must not be negative"),
        ("[costs]\ntaker = 0.1", '[costs] taker: unknown key; did you mean "taker_fee"?'),
        ("[thresholds]\nhedged_watch = 5", "[thresholds]: lights must rise from watch to critical"),
        ("[[hedge]]\nname = 'x'\nlegs = ['a:BTC']\n[[hedge]]\nname = 'carry'", "[[hedge]] 2 (carry) legs: is required"),
        ("[[hedge]]\nname = 'carry'\nlegs = 'a:BTC'", '[[hedge]] 1 (carry) legs: expected a list, got "a:BTC"'),
        ("[[hedge]]\nname = 'carry'\nlegs = ['a', 3]", "[[hedge]] 1 (carry) legs[1]: expected a text, got 3"),
        ("[hedge]\nname = 'carry'", "[hedge]: there can be several: write [[hedge]]"),
        ("[[source]]\nid = 'x'", "[[source]] 1 (x) kind: is required"),
        ("[[source]]\nid = 'x'\nkind = 3", "[[source]] 1 (x) kind: expected a text"),
        (
            "[[source]]\nid = 'a:b'\nkind = 'book'\npath = 'x'",
            '[[source]] 1 (a:b) id: "a:b" may hold only letters, digits and . _ @ + -',
        ),
        ("[[source]]\nkind = 'book'\npth = 'x'", '[[source]] 1 pth: unknown key; did you mean "path"?'),
    ],
)
def test_a_mistake_is_one_line_with_table_key_and_what_was_expected(text: str, line: str) -> None:
    assert refused(text) == line


def test_an_unknown_kind_names_the_nearest_there_is() -> None:
    assert refused("[[source]]\nkind = 'hyperlquid'") == (
        '[[source]] 1 kind: no kind of source is called "hyperlquid"; did you mean "hyperliquid"?'
    )


def test_what_only_the_kind_knows_is_refused_by_the_kind() -> None:
    assert refused("[[source]]\nkind = 'mock'\nscenario = 'x'").startswith("[[source]] 1: no scenario 'x'; there are calm, ")


def test_two_sources_need_two_ids() -> None:
    source = "[[source]]\nkind = 'book'\npath = 'x'\n"
    assert refused(source + source) == '[[source]] 2 id: "book" is the id of an earlier source: give each its own'


def test_broken_toml_names_the_line() -> None:
    assert refused("[display\n") == "is not TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"


@pytest.mark.parametrize("prefix", ["", "0x", " 0x"])
@pytest.mark.parametrize(
    "place", ["[[source]]\nkind = 'hyperliquid'\naddress = '{}'", "[aliases]\nx = '{}'", "[[hedge]]\nname = 'x'\nlegs = ['{}']"]
)
def test_a_private_key_is_refused_wherever_it_stands_and_never_repeated(prefix: str, place: str) -> None:
    line = refused(place.format(prefix + KEY))
    assert "private key" in line
    assert KEY not in line


def test_sources_can_be_left_out_unread() -> None:
    assert parse("[[source]]\nkind = 'nonsense'", FILE, sources=False).sources == ()


class TestWhereTheFileIs:
    def test_without_a_file_everything_is_default(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert load() == Config()

    def test_the_users_own_file_is_found(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("adlwatch.config.read.default_path", lambda: tmp_path / "config.toml")
        (tmp_path / "config.toml").write_text("dust_usd = 99")
        assert load().settings.dust_usd == 99

    def test_a_file_that_was_named_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"absent\.toml: no such file"):
            load(tmp_path / "absent.toml")

    def test_a_file_that_cannot_be_read_says_why(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"cannot be read: Is a directory"):
            load(tmp_path)

    def test_a_file_that_is_no_text_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "config.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(ConfigError, match=r"cannot be read: .*utf-8"):
            load(tmp_path / "config.toml")


@pytest.fixture
def broken_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package's adapters: one cannot be imported, one is no `Kind`."""
    points = {
        "broken": EntryPoint("broken", "no_such_package.adapter:KIND", registry.GROUP),
        "odd": EntryPoint("odd", "json:loads", registry.GROUP),
        **registry._found(),
    }
    monkeypatch.setattr(registry, "_found", lambda: points)


@pytest.mark.usefixtures("broken_package")
def test_a_broken_adapter_of_another_package_names_itself_and_leaves_the_rest_alone() -> None:
    config = parse(
        "[[source]]\nkind = 'broken'\nanything = 1\n[[source]]\nkind = 'odd'\n[[source]]\nkind = 'book'\npath = 'x'", FILE
    )
    problems = [spec.problem for spec in config.sources]
    assert problems == [
        "adapter \"broken\" cannot be loaded: ModuleNotFoundError: No module named 'no_such_package'",
        'adapter "odd" is no adlwatch.adapters.base.Kind but function',
        None,
    ]
