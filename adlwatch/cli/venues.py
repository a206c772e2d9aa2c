"""`adlwatch venues`: how each venue deleverages, side by side; or one venue with every fact's source and grade."""

from collections.abc import Iterator

import click
import msgspec

from adlwatch.cli.grid import Column, grid, paragraph, width
from adlwatch.cli.output import write
from adlwatch.domain.venue import VenueProfile, facts_of
from adlwatch.domain.venue_summary import summary, words
from adlwatch.strict import nearest
from adlwatch.venues import profiles
from adlwatch.venues.profile_toml import ProfileError

COLUMNS = (
    Column("VENUE"),
    Column("FORMULA"),
    Column("GRADE"),
    Column("LIGHT"),
    Column("EVERY", right=True),
    Column("CLOSES AT"),
    Column("FUND", from_width=90),
    Column("LOG", from_width=90),
    Column("PROTECTION", from_width=100),
    Column("WARNS", from_width=110),
)
FOOT = (
    "?  unknown. LIGHT: the venue's own scale, from last to first closed; with a ? its direction is our inference. "
    "FUND, LOG, WARNS: whether the insurance fund, ADL events, warnings are public. Sources: adlwatch venues VENUE"
)


@click.command("venues")
@click.argument("venue", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the profiles as JSON, every fact with its sources and grade.")
def command(venue: str | None, *, as_json: bool) -> None:
    """Show how each venue ranks, shows, closes and protects; with VENUE everything known about one, with sources."""
    known = profiles()
    try:
        chosen = [known[venue]] if venue else [known[name] for name in known]
    except KeyError:
        raise click.ClickException(f"no venue {venue!r}{nearest(venue or '', known)}") from None
    except ProfileError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        content: object = chosen[0] if venue else chosen
        write(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
    else:
        write(page(chosen[0], width()) if venue else table(chosen, width()))


def table(chosen: list[VenueProfile], wide: int) -> str:
    """All venues, one a line."""
    lines = [summary(profile) for profile in chosen]
    rows = [
        (s.id, s.formula, s.grade, s.indicator, s.cadence, s.closing_price, s.fund, s.log, s.protection, s.warning) for s in lines
    ]
    return grid(COLUMNS, rows, wide) + "\n\n" + paragraph("", FOOT, wide, indent=0)


def page(profile: VenueProfile, wide: int) -> str:
    """One venue, every fact with grade, note and sources."""
    return "\n".join(_page(profile, min(wide, 110)))


def _page(profile: VenueProfile, wide: int) -> Iterator[str]:
    yield f"{profile.title} ({profile.id})"
    yield ""
    scale = profile.light
    yield paragraph("light", f"{summary(profile).indicator}  {scale.field or ''}", wide)
    if scale.levels is not None:
        yield paragraph("", "raw = level: " + ", ".join(f"{raw} = {level}" for raw, level in scale.levels.items()), wide)
    yield from (paragraph("", f"raw {raw}: {meaning}", wide) for raw, meaning in scale.none.items())
    if scale.direction is not None:
        yield paragraph("", f"direction: {scale.direction}", wide)
    yield from _provenance(scale.grade, scale.note, scale.sources, wide)
    silent: dict[str, tuple[str, ...]] = {}
    for name, fact in facts_of(profile).items():
        if fact.value is None and fact.note is None:
            silent[name.replace("_", " ")] = fact.sources
            continue
        yield ""
        yield paragraph(name.replace("_", " "), words(fact), wide)
        yield from _provenance(fact.grade, fact.note, fact.sources, wide)
    if silent:
        yield ""
        yield paragraph("not found", ", ".join(silent), wide)
        yield from _provenance("looked in", None, tuple(dict.fromkeys(url for urls in silent.values() for url in urls)), wide)


def _provenance(grade: str, note: str | None, sources: tuple[str, ...], wide: int) -> Iterator[str]:
    if note:
        yield paragraph("", note, wide)
    yield from (paragraph(f"  {grade}" if n == 0 else "", source, wide) for n, source in enumerate(sources))
