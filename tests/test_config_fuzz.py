from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.config import Config, ConfigError, parse

KNOWN = ["source", "hedge", "aliases", "owners", "dust_usd", "thresholds", "costs", "display", "keys", "log"]
INNER = [
    "id",
    "kind",
    "name",
    "legs",
    "theme",
    "ascii",
    "time_zone",
    "level",
    "path",
    "address",
    "hedged_watch",
    "naked_usd",
    "x`y",
    "",
]
KINDS = ["mock", "book", "hyperliquid", "moc"]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8), st.sampled_from(KINDS)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=5), inner, max_size=4),
)
trees = st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=6), values, max_size=4)


@settings(max_examples=100, deadline=None)
@given(trees)
def test_any_table_is_either_a_configuration_or_one_line(tree: dict[str, Any]) -> None:
    with patch("adlwatch.config.read.tomllib.loads", return_value=tree):
        try:
            outcome: Config | ConfigError = parse("", Path("config.toml"))
        except ConfigError as error:
            outcome = error
    assert isinstance(outcome, Config) or str(outcome).startswith("config.toml: ")
