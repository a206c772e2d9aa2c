"""`adlwatch accuracy`: how well our estimates foresaw the lights that venues showed later, on the user's own positions."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.grid import Column, grid, paragraph, width
from adlwatch.cli.kept import CONFIG_OPTION, reader
from adlwatch.cli.options import Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.since import since_option

if TYPE_CHECKING:
    from adlwatch.domain.accuracy import Accuracy, Hits

BEFORE = timedelta(days=1)
"""Estimates are looked at from a day before, for a light at the beginning may have been foreseen earlier."""
COLUMNS = (
    Column("VENUE"),
    Column("POSITIONS", right=True, from_width=100),
    Column("LIGHTS", right=True),
    Column("EXACT", right=True),
    Column("WITHIN 1", right=True),
    Column("IN 90 %", right=True, from_width=80),
    Column("REPEATING", right=True, from_width=80),
    Column("MOVES", right=True),
    Column("EXACT", right=True),
    Column("WITHIN 1", right=True, from_width=100),
    Column("UPS LED", right=True),
    Column("LEAD", right=True),
)


@click.command("accuracy")
@launch_options(CONFIG_OPTION)
@since_option("30d")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, since: timedelta, *, as_json: bool) -> None:
    """Compare our estimates with the lights that the venues showed later, venue by venue."""
    from adlwatch.domain.accuracy import accuracy  # noqa: PLC0415  # --help needs no database
    from adlwatch.domain.changes import ChangeKind  # noqa: PLC0415  # as above
    from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # as above

    start = datetime.now(UTC) - since
    try:
        kept = reader(launch, context)
        found = accuracy(kept.sightings(start), kept.changes(start - BEFORE, ChangeKind.ESTIMATE))
    except Unreadable as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        write(msgspec.json.encode({"since": start, "venues": found}).decode())
    elif found:
        write("\n".join(_page(found, width())))
    else:
        raise click.ClickException(f"no venue has shown a light of yours since {start:%Y-%m-%d %H:%M}Z")


def _page(found: Sequence["Accuracy"], wide: int) -> Iterator[str]:
    yield grid(COLUMNS, (_row(each) for each in found), wide)
    yield ""
    for label, text in _NOTES:
        yield paragraph(label, text, min(wide, 110))


_NOTES = (
    ("LIGHTS", "lights that arrived and had an estimate before them, at most one a minute and position while it stays as it is"),
    ("REPEATING", "what the venue's last light, repeated, would have got exactly: what the estimate has to beat"),
    ("MOVES", "lights that differ from the one before; repeating is always wrong there"),
    ("UPS LED", "moves up at which the estimate already stood that high; LEAD: the median time by which it did"),
)


def _row(each: "Accuracy") -> tuple[str, ...]:
    every, moves = each.every, each.moves
    return (
        each.venue,
        str(each.positions),
        str(every.of),
        _share(every.exact, every),
        _share(every.within_one, every),
        _share(every.inside, every),
        _share(every.repeated, every),
        str(moves.of),
        _share(moves.exact, moves),
        _share(moves.within_one, moves),
        f"{each.ups_led} of {each.ups}",
        "" if each.lead_seconds is None else _duration(each.lead_seconds),
    )


def _share(hits: int, of: "Hits") -> str:
    return f"{hits / of.of:.0%}" if of.of else ""


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
