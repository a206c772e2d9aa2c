"""`adlwatch explain`: the score of one position, term by term."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click
import msgspec

from adlwatch.cli.assessed import assessed, with_config
from adlwatch.cli.grid import paragraph, width
from adlwatch.cli.options import SOURCE_OPTIONS, Launch, launch_options
from adlwatch.cli.output import write
from adlwatch.domain.light import Light, LightState
from adlwatch.domain.snapshot import PositionView, Snapshot

if TYPE_CHECKING:
    from adlwatch.domain.explain import ExplainedScore, Explanation


@click.command("explain")
@click.argument("key")
@launch_options(*SOURCE_OPTIONS)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as JSON.")
@click.pass_context
def command(context: click.Context, launch: Launch, key: str, *, as_json: bool) -> None:
    """Explain why the position KEY (account:symbol:side) scores what it scores."""
    from adlwatch.domain.explain import explain  # noqa: PLC0415  # numpy, which --help does not need
    from adlwatch.venues import profiles  # noqa: PLC0415  # as above

    view = _find(assessed(with_config(launch, context.obj)), key)
    explanation = explain(view, profiles().get(view.venue))
    if as_json:
        write(msgspec.json.format(msgspec.json.encode(explanation, enc_hook=tuple), indent=2).decode())
    else:
        write("\n".join(_page(view, explanation, min(width(), 110))))


def _find(snapshot: Snapshot, key: str) -> PositionView:
    views = {view.key: view for view in snapshot.positions}
    if key not in views:
        near = get_close_matches(key, views, n=3, cutoff=0.4) or list(views)[:3]
        raise click.ClickException(
            f"no position {key!r}" + (f"; did you mean {', '.join(near)}?" if near else "; there are none")
        )
    return views[key]


def _page(view: PositionView, found: "Explanation", wide: int) -> Iterator[str]:
    yield f"{view.key}  at {view.venue}"
    yield ""
    yield paragraph("inputs", _inputs(view), wide)
    yield paragraph("light", _light(found.light), wide)
    yield paragraph("estimate", _light(found.estimate), wide)
    for each in found.scores:
        yield ""
        yield from _score(each, wide)
    if found.silence is not None:
        yield ""
        yield paragraph("score", found.silence, wide)


def _inputs(view: PositionView) -> str:
    size = f"{view.side} {_number(view.size)} {view.underlying}, {view.contract}, margin {view.margin_mode or 'mode unknown'}"
    return f"{size}; entry {_number(view.entry_price)}, mark {_number(view.mark_price)}, leverage set {_number(view.leverage)}"


def _light(light: Light) -> str:
    level = f"{light.level} of 5" if light.state is LightState.LIT else f"{light.state} {light.level or ''}".strip()
    parts = [level, light.source or ""]
    if light.interval is not None and light.interval[0] != light.interval[1]:
        parts.append(f"90 % within {light.interval[0]}–{light.interval[1]}")
    if light.age_seconds is not None:
        parts.append(f"{light.age_seconds:.0f} s old")
    if light.raw is not None:
        parts.append(f"raw {light.raw}")
    return ", ".join(part for part in parts if part) + (f" ({light.note})" if light.note else "")


def _score(each: "ExplainedScore", wide: int) -> Iterator[str]:
    score = each.score
    yield paragraph("score", f"{_number(score.value)}  {score.rule}: {each.title}", wide)
    yield paragraph("  in profit", each.profit, wide)
    yield paragraph("  at a loss", each.loss, wide)
    terms = [(term.name, term.value) for term in score.terms]
    for name, value in (*terms, ("pnl_ratio", score.pnl_ratio), ("effective_leverage", score.effective_leverage)):
        yield paragraph("", f"{name:<28} {_number(value):>16}", wide)
    if score.missing:
        yield paragraph("  missing", ", ".join(score.missing), wide)
    yield paragraph("  version", f"{each.version}, {each.grade}", wide)
    yield from (paragraph("", text, wide) for text in (each.note, *each.sources) if text)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,.6g}"
