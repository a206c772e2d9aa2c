from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import Any

import pytest
from msgspec import Struct

from adlwatch.adapters import registry
from adlwatch.adapters.base import Adapter, BadPayload, Context, Kind, Refused, SourceError, SourceSpec, Unsupported
from adlwatch.adapters.registry import Unbuilt, build
from adlwatch.credentials import CredentialError

CONTEXT = Context(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), shared={})


class Options(Struct, frozen=True):
    path: str = ""


def failing(error: Exception) -> Kind:
    def create(source: str, options: Any, context: Context) -> Adapter:
        raise error

    return Kind("odd", Options, create)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], Adapter]:
    """The source that stands for one whose factory raises this."""

    def make(error: Exception) -> Adapter:
        monkeypatch.setattr(registry, "load", lambda name: failing(error))
        return build(SourceSpec(id="x", kind="odd", options=Options()), CONTEXT)

    return make


def test_our_own_adapters_come_through_the_same_door_as_others() -> None:
    assert {"book", "hyperliquid", "mock"} <= set(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_every_kind_that_is_listed_can_be_loaded_and_has_strict_options(name: str) -> None:
    kind = registry.load(name)
    assert kind.name == name
    assert kind.options.__struct_config__.forbid_unknown_fields
    assert kind.options.__struct_config__.frozen


def test_another_package_cannot_replace_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = EntryPoint("book", "adlwatch.adapters.book:KIND", registry.GROUP)
    theirs = EntryPoint("book", "elsewhere:KIND", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [ours, theirs])
    assert registry._found.__wrapped__() == {"book": ours}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (BadPayload("config of the venue"), BadPayload, "config of the venue"),
        (CredentialError("env:KEY: no such environment variable"), Refused, "env:KEY: no such environment variable"),
        (KeyError("px"), Unsupported, "cannot be built: KeyError: 'px'"),
    ],
)
async def test_a_source_that_cannot_be_built_says_why_at_every_fetch(
    built: Callable[[Exception], Adapter], error: Exception, kind: type[SourceError], said: str
) -> None:
    adapter = built(error)
    assert (adapter.id, adapter.kind) == ("x", "odd")
    for _ in range(2):
        with pytest.raises(kind) as caught:
            await adapter.fetch()
        assert str(caught.value) == said
    await adapter.close()


@pytest.mark.asyncio
async def test_what_the_configuration_found_wrong_is_what_the_source_says() -> None:
    adapter = build(SourceSpec(id="x", kind="gone", problem="adapter gone cannot be loaded"), CONTEXT)
    assert isinstance(adapter, Unbuilt)
    with pytest.raises(Unsupported, match="adapter gone cannot be loaded"):
        await adapter.fetch()
