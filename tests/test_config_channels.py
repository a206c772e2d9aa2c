from pathlib import Path

import pytest

from adlwatch.config import ConfigError
from adlwatch.config.channels import ChannelTable
from adlwatch.config.read import parse
from adlwatch.domain.alert import RuleName
from adlwatch.domain.channel import Channel

HERE = Path("c.toml")
ROOT = Path(__file__).parents[1]


def test_a_channel_has_the_defaults_of_its_domain() -> None:
    (table,) = parse('[[channel]]\nname = "desk"\nurl = "desktop"\n', HERE).channels
    assert table == ChannelTable(name="desk", url="desktop")
    assert table.channel == Channel(name="desk")


def test_what_it_is_told_can_be_chosen() -> None:
    text = '[[channel]]\nname = "p"\nurl = "env:P"\nrules = ["naked", "blind"]\nleast_level = 2\nescalations_only = true\n'
    (table,) = parse(text, HERE).channels
    assert table.channel == Channel(name="p", rules=(RuleName.NAKED, RuleName.BLIND), least_level=2, escalations_only=True)


def test_the_heartbeat_is_off_until_there_is_an_address() -> None:
    assert parse("", HERE).heartbeat is None
    heartbeat = parse('[heartbeat]\nurl = "env:BEAT"\n', HERE).heartbeat
    assert heartbeat is not None
    assert (heartbeat.url, heartbeat.every) == ("env:BEAT", 60.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[channel]]\nname = "a"\nurl = "tgram://123/abc"', "[[channel]] 1 (a) url: an address is a secret: expected env:NAME"),
        ('[[channel]]\nname = "a b"\nurl = "bell"', '[[channel]] 1 (a b) name: "a b" may hold only letters'),
        ('[[channel]]\nname = "a"\nurl = "bell"\n[[channel]]\nname = "a"\nurl = "bell"', 'name: "a" is the name of an earlier'),
        ('[[channel]]\nname = "a"', "url: is required"),
        ('[[channel]]\nname = "a"\nurl = "bell"\nrules = ["nacked"]', "[[channel]] 1 (a) rules[0]: expected one of"),
        ('[[channel]]\nname = "a"\nurl = "bell"\nleast_level = 4', "least_level: expected a whole number <= 3"),
        ('[[channel]]\nname = "a"\nurl = "bell"\nurll = "x"', 'urll: unknown key; did you mean "url"?'),
        ('[channel]\nname = "a"', "there can be several: write [[channel]]"),
        ('[heartbeat]\nurl = "https://hc-ping.com/x"', "[heartbeat] url: an address is a secret"),
        ('[heartbeat]\nurl = "env:X"\nevery = 1', "[heartbeat] every: expected a number >= 5"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text, HERE)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_no_address_written_out_is_repeated_in_the_error() -> None:
    with pytest.raises(ConfigError) as error:
        parse('[[channel]]\nname = "a"\nurl = "tgram://123/abc"', HERE)
    assert "123/abc" not in str(error.value)


def test_the_examples_commented_channels_are_valid() -> None:
    lines = (ROOT / "config.example.toml").read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("# --- Who is told"))
    end = next(n for n, line in enumerate(lines) if n > start and line.startswith("# --- "))
    keys = [
        line.removeprefix("# ")
        for line in lines[start:end]
        if line.startswith(("# [", "# name", "# url", "# rules", "# least", "# esc", "# every"))
    ]
    config = parse("\n".join(keys), HERE)
    assert [channel.name for channel in config.channels] == ["phone", "pager", "desk"]
    assert config.heartbeat is not None
