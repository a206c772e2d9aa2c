"""The questions: what to watch, and what each kind of source needs to know."""

import shlex
from typing import Any

import click
import msgspec

from adlwatch.adapters import registry
from adlwatch.cli.init.source import CREDENTIALS, FORMS, checked, pairs, value, worded
from adlwatch.strict import Misfit


def sources() -> list[dict[str, Any]]:
    """As many sources as the user wants, at least one."""
    click.echo("adlwatch only reads. What do you want to watch?")
    tables: list[dict[str, Any]] = []
    while True:
        tables.append(_source({str(table["id"]) for table in tables}))
        if not click.confirm("Another one?", default=False):
            return tables


def _source(taken: set[str]) -> dict[str, Any]:
    """One source; asked again from its start until it is valid."""
    while True:
        kind = click.prompt("Kind", type=click.Choice(registry.names()), default="hyperliquid")
        free = next(name for name in (kind, *(f"{kind}-{n}" for n in range(2, len(taken) + 3))) if name not in taken)
        name = click.prompt("Name", default=free)
        if name in taken:
            click.echo(f"There is one called {name} already.")
            continue
        try:
            return checked({"id": name, "kind": kind, **_needed(kind), **_others(kind)})
        except Misfit as misfit:
            click.echo(f"No: {worded(misfit)}")


def _needed(kind: str) -> dict[str, Any]:
    """What the kind cannot do without."""
    fields = msgspec.structs.fields(registry.load(kind).options)
    found: dict[str, Any] = {}
    for field in fields:
        if field.required:
            hint = f" ({FORMS})" if field.encode_name in CREDENTIALS else ""
            text = click.prompt(f"{field.encode_name}{hint}")
            found[field.encode_name] = text if field.type is str else value(text)
    return found


def _others(kind: str) -> dict[str, Any]:
    """What it may be told besides."""
    names = [field.encode_name for field in msgspec.structs.fields(registry.load(kind).options) if not field.required]
    if not names:
        return {}
    text = click.prompt(f"Other options as key=value ({', '.join(names)}), or nothing", default="", show_default=False)
    try:
        return pairs(shlex.split(text))
    except ValueError as error:
        raise Misfit((), str(error)) from None
