"""`adlwatch fix`: what brings a position's light down, cheapest first, each verified by recomputing the changed book."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.assessed import Known, known, with_config
from adlwatch.cli.grid import Column, grid, width
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.tui.format import UNKNOWN, percent, usd

if TYPE_CHECKING:
    from adlwatch.domain.remedy import Remedy

_COLUMNS = (
    Column("REMEDY"),
    Column("HOW MUCH", right=True),
    Column("LIGHT", right=True),
    Column("COST", right=True),
    Column("CARRY", right=True),
    Column("NAKED"),
    Column("NOTE"),
)
_DID_NOTHING = 1


@click.command("fix")
@click.argument("key")
@click.option("--to", type=click.IntRange(1, 4), required=True, help="Lights it should show at most.")
@launch_options(*SOURCE_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Print the remedies as one line of JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, key: str, to: int, *, as_json: bool) -> None:
    """Show what brings the position KEY (account:symbol:side) down to at most --to lights.

    adlwatch only reads: nothing is done, the figures are to be acted on by you. Exit code 1 where no remedy reaches it.
    """
    from adlwatch.domain.remedy import remedies  # noqa: PLC0415  # numpy, which --help does not need

    asked = known(with_config(launch, context.obj))
    _must_exist(asked, key)
    found = remedies(asked.states.sources, asked.states.queues, asked.settings, asked.now, key=key, to=to)
    write(_json(found) if as_json else "\n".join(_page(key, to, found, width())))
    if found and not any(each.reachable for each in found):
        context.exit(_DID_NOTHING)


def _must_exist(asked: Known, key: str) -> None:
    keys = [p.key for state in asked.states.sources if state.reading is not None for p in state.reading.positions]
    if key not in keys:
        near = get_close_matches(key, keys, n=3, cutoff=0.4) or keys[:3]
        raise click.ClickException(
            f"no position {key!r}" + (f"; did you mean {', '.join(near)}?" if near else "; there are none")
        )


def _json(found: "tuple[Remedy, ...]") -> str:
    shown = [{name: value for name, value in msgspec.to_builtins(each).items() if name != "edits"} for each in found]
    return msgspec.json.encode(shown).decode()


def _page(key: str, to: int, found: "tuple[Remedy, ...]", wide: int) -> Iterator[str]:
    if not found:
        yield f"{key}: the estimated light is {to} or lower already"
        return
    yield f"{key}: to at most {to} of 5 lights (estimated), cheapest first"
    yield ""
    yield grid(_COLUMNS, [_row(each) for each in found], wide)


def _row(each: "Remedy") -> tuple[str, ...]:
    if not each.reachable:
        return each.kind, "not reachable", UNKNOWN, UNKNOWN, UNKNOWN, "", each.reason or ""
    much = (
        usd(each.capital_usd) if each.capital_usd is not None else percent(each.fraction, 1) if each.fraction is not None else ""
    )
    days = UNKNOWN if each.cost_days is None else f"{each.cost_days:,.1f} d"
    naked = "" if each.naked_seconds is None else f"{usd(each.naked_usd)} for {each.naked_seconds:.0f} s"
    return each.kind, much, str(each.level), usd(each.cost_usd), days, naked, each.reason or ""
