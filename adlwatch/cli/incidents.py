"""`adlwatch incidents`: what venues took, from the history or from a saved snapshot; as a list, a report, or a table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

import click

from adlwatch.cli.grid import Column, grid, printable, width
from adlwatch.cli.kept import CONFIG_OPTION, reader
from adlwatch.cli.options import Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.cli.since import since_option
from adlwatch.tui.format import usd

if TYPE_CHECKING:
    from adlwatch.domain.incident import Incident

COLUMNS = (
    Column("INCIDENT"),
    Column("KIND"),
    Column("HEDGES", from_width=100),
    Column("FILLS", right=True, from_width=90),
    Column("CLOSED", right=True),
    Column("GIVE-BACK", right=True, from_width=70),
    Column("NAKED", right=True),
    Column("$-SECONDS", right=True, from_width=80),
    Column("IN BALANCE"),
)


@click.command("incidents")
@click.argument("id_", metavar="[ID]", required=False)
@launch_options(CONFIG_OPTION)
@since_option("30d")
@click.option("--md", "form", flag_value="md", help="A report in Markdown.")
@click.option("--csv", "form", flag_value="csv", help="A table for spreadsheets, one row a position.")
@click.option("--json", "form", flag_value="json", help="Everything known of them as JSON.")
@click.option("--snapshot", type=click.File("rb"), metavar="FILE", help="Read a saved snapshot (check --json), not the history.")
@click.pass_context
def command(
    context: click.Context, launch: Launch, id_: str | None, since: timedelta, *, form: str | None, snapshot: BinaryIO | None
) -> None:
    """List what venues took: auto-deleveraging, liquidations, and shrinks that nothing explains.

    With an ID, or how it begins, only that incident, as a report.
    """
    kept = _kept(launch, context, since) if snapshot is None else _saved(snapshot)
    found = _chosen(kept, id_)
    if form == "json":
        import msgspec  # noqa: PLC0415  # --help needs no codec

        write(msgspec.json.encode(found).decode())
    elif form is not None or id_ is not None:
        from adlwatch.export import incident_report  # noqa: PLC0415  # as above

        reports = [incident_report.table(found)] if form == "csv" else [incident_report.markdown(each) for each in found]
        write("\n".join(reports).rstrip())
    else:
        write(_list(found) if found else "no incidents")


def _kept(launch: Launch, context: click.Context, since: timedelta) -> "tuple[Incident, ...]":
    from adlwatch.store.reader import Unreadable  # noqa: PLC0415  # --help needs no database

    try:
        return reader(launch, context).incidents(datetime.now(UTC) - since)
    except Unreadable as error:
        raise click.ClickException(str(error)) from None


def _saved(file: BinaryIO) -> "tuple[Incident, ...]":
    import msgspec  # noqa: PLC0415  # --help needs no codec

    from adlwatch.domain.snapshot import decode  # noqa: PLC0415  # as above

    try:
        return decode(file.read()).incidents
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{getattr(file, 'name', '-')}: is no adlwatch-snapshot/1: {error}") from None


def _chosen(incidents: "tuple[Incident, ...]", id_: str | None) -> "tuple[Incident, ...]":
    """All of them, or the one whose id is or begins like that. Raises `click.ClickException` where there is none or several."""
    if id_ is None:
        return incidents
    same = tuple(each for each in incidents if each.id == id_)
    found = same or tuple(each for each in incidents if each.id.startswith(id_))
    if len(found) == 1:
        return found
    which = ", ".join(printable(each.id) for each in found or incidents[-3:]) or "none"
    reason = f"several incidents begin with {id_!r}" if found else f"no incident {id_!r}"
    raise click.ClickException(f"{reason}; there are {which}")


def _list(incidents: "Sequence[Incident]") -> str:
    """The latest first."""
    return grid(COLUMNS, [_row(each) for each in reversed(incidents)], width())


def _row(each: "Incident") -> tuple[str, ...]:
    return (
        each.id,
        each.kind,
        ", ".join(hit.name for hit in each.hedges) or "unhedged",
        f"{each.fills:,}",
        usd(each.closed_usd),
        usd(each.give_back_usd),
        usd(each.naked_usd),
        f"{each.dollar_seconds:,.0f}",
        f"{each.closed_at:%Y-%m-%d %H:%M:%S}Z" if each.closed_at is not None else "not yet",
    )
