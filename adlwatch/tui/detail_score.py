"""Why a position stands where it stands: score, rule, terms, and the venue's light against our estimate. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.position_score import Score
from adlwatch.domain.snapshot import PositionView
from adlwatch.tui import format as fmt
from adlwatch.tui.layout import described, heading, labelled, table, wrapped
from adlwatch.tui.lights import RISING, SOURCE_WORDS, STATE_WORDS, bars, span_of
from adlwatch.tui.quotes import quoted
from adlwatch.tui.spans import NOTHING, Role, Spans, text


@dataclass(frozen=True, slots=True)
class RuleText:
    """A ranking rule in words, as the domain and the venue's profile have it."""

    title: str
    profit: str
    loss: str
    version: str
    grade: str | None = None
    sources: tuple[str, ...] = ()


class FactText(NamedTuple):
    """A fact in words, with how well it is known and from where."""

    name: str
    value: str
    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VenueText:
    """A venue in words: its rules by id, and its facts."""

    title: str
    rules: Mapping[str, RuleText] = field(default_factory=lambda: MappingProxyType({}))
    facts: tuple[FactText, ...] = ()


def why(position: PositionView, venue: VenueText, cells: int) -> list[Spans]:
    """The score: rule, formula, every term, what is missing, and what competing rules say."""
    score = position.score
    lines = [heading("WHY", cells), labelled("score", _score_value(score))]
    lines += _rule_lines(score, venue, cells, profit=(position.unrealized_pnl or 0.0) >= 0)
    if score.missing:
        lines.append(labelled("missing", ((", ".join(score.missing), Role.WARNING), (": no score without it", Role.DIM))))
    if score.note:
        lines += wrapped(score.note, cells, Role.DIM)
    lines += table([(text(term.name, Role.DIM), text(fmt.term(term.value))) for term in score.terms], right=frozenset({1}))
    for other in position.other_scores:
        lines += [labelled("beside it", (*_score_value(other), (f"  {other.rule}", Role.DIM)))]
        lines += wrapped(other.note, cells, Role.DIM) if other.note else []
    return lines


def _score_value(score: Score) -> Spans:
    if score.value is None:
        return text("unknown", Role.BLIND)
    product: Spans = ()
    if score.pnl_ratio is not None and score.effective_leverage is not None:
        product = ((f"   profit {fmt.term(score.pnl_ratio)}, leverage {fmt.term(score.effective_leverage)}", Role.DIM),)
    return ((fmt.term(score.value), Role.STRONG), *product)


def _rule_lines(score: Score, venue: VenueText, cells: int, *, profit: bool) -> list[Spans]:
    rule = venue.rules.get(score.rule)
    if rule is None:
        return [labelled("rule", score.rule)]
    lines = [
        *described("rule", text(score.rule), rule.title, cells),
        labelled("in profit" if profit else "at a loss", text(rule.profit if profit else rule.loss, Role.ACCENT)),
        labelled("version", ((rule.version, Role.TEXT), (f"  evidence: {rule.grade}" if rule.grade else "", Role.DIM))),
    ]
    return [*lines, *(labelled("source", text(url, Role.DIM)) for url in rule.sources[:2])]


def lights(position: PositionView, cells: int) -> list[Spans]:
    """The light shown, and our own estimate of it beside it."""
    shown, estimate = position.light, position.estimate
    lines = [heading("LIGHT", cells), *described("shown", bars(shown), _where_from(shown), cells)]
    lines += wrapped(shown.note, cells, Role.DIM) if shown.note else []
    if estimate is not shown and estimate != shown:
        lines += described("our estimate", bars(estimate), _where_from(estimate), cells)
        lines += wrapped(estimate.note, cells, Role.DIM) if estimate.note else []
        lines += _disagreement(shown, estimate)
    if position.chance_up is not None:
        role = Role.WARNING if position.rising else Role.DIM
        lines.append(labelled("up in a minute", text(f"{RISING * position.rising}{position.chance_up:.0%} likely", role)))
    if position.next_light is not None:
        following = position.next_light
        words = f"{fmt.price(following.mark, quoted(position))}  {fmt.move(following.move)}  → light {following.level}"
        soon = f"  in {fmt.minutes(following.minutes)} at this drift" if following.minutes is not None else ""
        lines.append(labelled("next light", ((words, Role.TEXT), (soon, Role.WATCH))))
    return lines


def _where_from(light: Light) -> str:
    parts = [SOURCE_WORDS[light.source]] if light.source is not None else [STATE_WORDS[light.state]]
    if light.interval is not None and light.source in (LightSource.MODELLED, LightSource.CALIBRATED):
        parts.append(f"{span_of(light)} at 90 %")
    if light.quantile is not None:
        parts.append(f"ahead of {fmt.percent(light.quantile)} of the queue")
    if light.age_seconds is not None:
        parts.append(f"{fmt.age(light.age_seconds)} old")
    if light.raw is not None:
        parts.append(f"raw {light.raw}")
    if light.observations:
        parts.append(fmt.plural(light.observations, "venue light"))
    return ", ".join(parts)


def _disagreement(shown: Light, estimate: Light) -> list[Spans]:
    if shown.state is not LightState.LIT or estimate.state is not LightState.LIT or estimate.interval is None:
        return []
    low, high = estimate.interval
    if shown.level is None or low <= shown.level <= high:
        return []
    return [text("  ▲ the venue's light lies outside our interval: one of them is out of date", Role.WARNING), NOTHING]
