"""No infinite or NaN number passes an adapter's border: the reply is refused, or the value is unknown."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlwatch.adapters.aster import types as aster
from adlwatch.adapters.ccxt.decode import number, positive
from adlwatch.adapters.dydx import types as dydx
from adlwatch.adapters.extended import types as extended
from adlwatch.adapters.hyperliquid import types as hyperliquid
from adlwatch.adapters.lighter import types as lighter

MODULES = (hyperliquid, dydx, lighter, aster, extended)
BEYOND = ("1e400", "-1e400", '"NaN"', '"nan"', '"inf"', '"-Infinity"', '"1e400"', '"Infinity"')


def numbers() -> Iterator[tuple[str, Any]]:
    """Every field of every reply that takes a float, with its whole annotated type."""
    for module in MODULES:
        for struct in vars(module).values():
            if isinstance(struct, type) and issubclass(struct, msgspec.Struct) and not getattr(struct, "__parameters__", ()):
                for field in msgspec.structs.fields(struct):
                    if "float" in str(field.type) and "Struct" not in str(field.type):
                        yield f"{module.__name__}.{struct.__name__}.{field.name}", field.type


FIELDS = dict(numbers())


def test_there_is_something_to_look_at() -> None:
    assert {name.split(".")[2] for name in FIELDS} == {"hyperliquid", "dydx", "lighter", "aster", "extended"}
    assert any("leverage" in name for name in FIELDS)


@pytest.mark.parametrize("name", FIELDS)
def test_a_number_that_is_none_is_refused(name: str) -> None:
    decoder = msgspec.json.Decoder(FIELDS[name], strict=False)
    for text in BEYOND:
        for wrapped in (text, f"[{text}]", f"[{text},{text}]"):
            with pytest.raises(msgspec.DecodeError):
                decoder.decode(wrapped)


@settings(max_examples=100, deadline=None)
@given(st.floats() | st.text(max_size=6) | st.sampled_from(["nan", "inf", "-inf", "1e999", "", " 1 "]) | st.none())
def test_a_number_of_a_ccxt_venue_is_finite_or_unknown(value: float | str | None) -> None:
    for found in (number(value), positive(value)):
        assert found is None or abs(found) < float("inf")
