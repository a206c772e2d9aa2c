import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adlwatch.cli.init import command
from adlwatch.cli.init.source import value
from adlwatch.config import load

Run = Callable[..., tuple[int, str, str]]
ADDRESS = "0x0000000000000000000000000000000000000001"
KEY = "0x" + "ab" * 32


def answered(path: Path, *answers: str) -> Result:
    return CliRunner().invoke(command, ["--path", str(path)], input="".join(f"{answer}\n" for answer in answers))


def test_options_alone_write_a_valid_file_for_the_owner_only(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    typed = 'extended positions=\'[{market="BTC-USD",side="long",size=1.5,entry_price=6e4}]\' balance=-7.5 markets=[]'
    sources = (f"hyperliquid id=vault address={ADDRESS} interval=7.5", "lighter index=1077", "mock", typed)
    code, out, err = run("init", "--path", str(path), *(word for line in sources for word in ("--source", line)))
    assert (code, err) == (0, "")
    assert str(path) in out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = load(path)
    assert [(spec.id, spec.kind) for spec in config.sources] == [
        ("vault", "hyperliquid"),
        ("lighter", "lighter"),
        ("mock", "mock"),
        ("extended", "extended"),
    ]
    assert [spec.problem for spec in config.sources] == [None] * 4
    assert [entry.name for entry in path.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"hyperliquid address={KEY}", "private key"),
        (f"hyperliquid address={ADDRESS} note={KEY}", "private key"),
        (KEY, "private key"),
        (f"mock {KEY}", "private key"),
        ("hyperliquid", "address: is required"),
        ("hyperliquid address=0x12", "public address"),
        ("hyperliqid address=x", 'did you mean "hyperliquid"'),
        ("mock speed=fast", "speed"),
        ("mock venue", "key=value"),
        ("mock 'a", "quotes"),
        ("", "kind"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(run: Run, tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "config.toml"
    code, _, err = run("init", "--path", str(path), "--source", line)
    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert "abab" not in err
    assert not path.exists()


def test_two_sources_of_one_name_are_refused(run: Run, tmp_path: Path) -> None:
    code, _, err = run("init", "--path", str(tmp_path / "c.toml"), "--source", "mock", "--source", "mock")
    assert code == 2
    assert "earlier source" in err
    assert not (tmp_path / "c.toml").exists()


def test_secrets_are_references_or_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    code, _, err = run("init", "--path", str(path), "--source", "binance api_key=VeryPlainKey123 secret=env:S")
    assert code == 2
    assert "reference" in err
    assert "VeryPlainKey123" not in err
    assert run("init", "--path", str(path), "--source", "binance api_key=env:K secret=file:~/s")[0] == 0
    assert 'secret = "file:~/s"' in path.read_text()


def test_a_file_that_is_there_stays_unless_forced(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    path.chmod(0o644)
    code, _, err = run("init", "--path", str(path), "--source", "mock")
    assert code == 2
    assert "--force" in err
    assert path.read_text() == "# mine\n"
    assert run("init", "--path", str(path), "--source", "mock", "--force")[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path).sources[0].kind == "mock"


def test_a_place_that_cannot_be_written_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("init", "--path", str(tmp_path / "file" / "config.toml"), "--source", "mock")
    assert code == 2
    assert "cannot be written" in err


def test_the_questions_lead_to_a_valid_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    first = ("hyperliquid", "vault", ADDRESS, "interval=9", "y")
    done = answered(path, *first, "mock", "vault", "mock", "", "", "y", "mock", "", "speed=2", "n")
    assert done.exit_code == 0
    assert "one called vault already" in done.output
    assert [(spec.id, spec.kind) for spec in load(path).sources] == [
        ("vault", "hyperliquid"),
        ("mock", "mock"),
        ("mock-2", "mock"),
    ]
    assert "interval = 9" in path.read_text()


def test_a_wrong_answer_is_explained_and_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    plain = ("binance", "", "plain", "plain", "")
    done = answered(path, "hyperliquid", "", KEY, "", *plain, "hyperliquid", "", ADDRESS, "'", "mock", "", "", "n")
    assert done.exit_code == 0
    assert done.output.count("No: ") == 3
    assert [spec.kind for spec in load(path).sources] == ["mock"]


def test_replacing_is_asked_and_leaving_half_way_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    assert answered(path, "n").exit_code == 1
    assert answered(path, "y", "mock").exit_code == 1
    assert path.read_text() == "# mine\n"
    assert answered(path, "y", "mock", "", "", "n").exit_code == 0
    assert load(path).sources


def test_values_are_read_as_toml_where_they_are_toml() -> None:
    assert [value(text) for text in ("[a, b]", "[]", "[usdm coinm]", "[a=b]")] == [["a", "b"], [], ["usdm", "coinm"], "[a=b]"]
    assert [value(text) for text in ("7", "1.5", "true", "[1]", "0x10", "env:A", "a b", "1\ny = 2")] == [
        *(7, 1.5, True, [1]),
        *("0x10", "env:A", "a b", "1\ny = 2"),
    ]
