import pytest

from adlwatch.domain.fact import Grade
from adlwatch.domain.queue_priors import default_priors
from adlwatch.domain.venue import facts_of
from adlwatch.venues.profile_toml import ProfileError, parse

GOOD = """
id = "test"
title = "Test venue"
kind = "retail"

[sources]
help = "https://help.example.org/adl"

[light]
field = "adl"
levels = { 1 = 5, 2 = 4 }
none = { 6 = "no position" }
grade = "official"
sources = ["help"]

[facts.rule]
value = "value"
grade = "official"
sources = ["help", "https://other.example.org/page"]
note = "with the fair price"

[facts.cadence]
grade = "unknown"
sources = ["help"]
"""


def test_source_keys_become_urls() -> None:
    profile = parse(GOOD.encode(), "test.toml")
    assert profile.facts.rule.sources == ("https://help.example.org/adl", "https://other.example.org/page")
    assert profile.light.sources == ("https://help.example.org/adl",)
    assert list(facts_of(profile)) == ["rule", "cadence"]
    assert profile.facts.rule.grade is Grade.OFFICIAL


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('grade = "official"\nsources = ["help", ', 'sources = ["help", ', "[facts.rule] grade: is required"),
        ('sources = ["help", "https://other.example.org/page"]\n', "", "[facts.rule] sources: is required"),
        ('["help", "https://other.example.org/page"]', "[]", "[facts.rule] sources: a fact needs at least one"),
        ('["help", "https://other.example.org/page"]', "3", "[facts.rule] sources: expected a list, got 3"),
        ('"https://other.example.org/page"', '"hlep"', "[facts.rule] sources: 'hlep' is neither in [sources] nor a URL"),
        ('value = "value"', 'value = "valu"', '[facts.rule] value: expected one of "value", '),
        ('value = "value"\n', "", '[facts.rule] grade: "official" without a value'),
        ('grade = "unknown"', 'grade = "unknown"\nvalue = 30.0', '[facts.cadence] grade: "unknown" with a value'),
        ('grade = "unknown"', 'grade = "code"\nvalue = "often"', "[facts.cadence] value: expected a number or nothing"),
        ('grade = "unknown"', 'grade = "guess"', '[facts.cadence] grade: expected one of "official", '),
        ("[facts.cadence]", "[facts.cadense]", '[facts] cadense: unknown key; did you mean "cadence"?'),
        ("note =", "notes =", '[facts.rule] notes: unknown key; did you mean "note"?'),
        ('id = "test"\n', "", "id: is required"),
        ('kind = "retail"', 'kind = "shop"', 'kind: expected one of "retail", '),
        ("2 = 4", "2 = 9", "[light] levels: a level is 1, 2, 3, 4 or 5"),
        ('field = "adl"\n', "", "[light] field: is required for a scale that can be read"),
        (
            "levels = { 1 = 5, 2 = 4 }",
            "levels = { 1 = 5 }\nrank = true",
            "[light] levels: levels, full and rank exclude each other",
        ),
        ("levels = { 1 = 5, 2 = 4 }", "full = 0.0", "[light] full: must be above 0"),
        (
            'grade = "official"\nsources = ["help"]',
            'grade = "official"\nsources = []',
            "[light] sources: a fact needs at least one",
        ),
        ('help = "https://help.example.org/adl"', 'help = "help page"', "[sources] help: is not a URL"),
        ("[sources]\nhelp", "[help]\nhelp", "'help' is neither in [sources] nor a URL"),
        ('id = "test"', "id = test", "not TOML: Invalid value (at line 2, column 6)"),
    ],
)
def test_a_bad_profile_is_one_line_naming_file_table_and_key(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ProfileError) as caught:
        parse(GOOD.replace(old, new, 1).encode(), "test.toml")
    assert str(caught.value).startswith("test.toml: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sources_have_to_be_a_table() -> None:
    with pytest.raises(ProfileError, match=r"test\.toml: sources: expected a table of key = URL"):
        parse(b'sources = ["https://a.example.org"]', "test.toml")


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ProfileError, match=r"test\.toml: not TOML: .*utf-8"):
        parse(b"\xff", "test.toml")


def test_a_profile_may_bring_its_own_priors() -> None:
    from msgspec import to_builtins  # noqa: PLC0415  # only here

    kinds = to_builtins(default_priors())
    lines = [f"[queue.{name}]\n" + _prior(kinds[name]) for name in ("held_volume", "stop_loss", "take_profit", "disagreement")]
    for kind in kinds["kinds"]:
        lines.append(f'[[queue.kinds]]\nname = "{kind["name"]}"')
        lines += [f"[queue.kinds.{name}]\n" + _prior(prior) for name, prior in kind.items() if name != "name"]
    profile = parse((GOOD + "\n".join(lines)).encode(), "test.toml")
    assert profile.queue == profile.priors == default_priors()
    assert parse(GOOD.encode(), "test.toml").queue is None


def _prior(prior: dict[str, object]) -> str:
    return f'value = {prior["value"]}\ndoubt = {prior["doubt"]}\nreason = "{prior["reason"]}"\n'
