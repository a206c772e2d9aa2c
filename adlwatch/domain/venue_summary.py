"""One line on how a venue deleverages, for tables that set venues side by side."""

from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from adlwatch.domain.fact import Fact, Grade
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.venue import ShieldRule, VenueProfile

UNKNOWN = "?"
_GRADES = {Grade.QUOTED_COPY: "quoted"}
_MEASURES = {
    "coin-delta": "coin Δ",
    "long-short-gap": "L−S gap",
    "delta-to-equity": "Δ/equity",
    "whitelist": "whitelist",
    "netted-pairs": "netted pairs",
}


class VenueSummary(Struct, frozen=True, kw_only=True):
    """Short words; `?` is unknown, `no` and `none` are known not to exist."""

    id: str
    title: str
    formula: str
    """Ranking rule, or what there is in its place."""
    grade: str
    """How well the formula is known."""
    indicator: str
    """The venue's own scale, from last to first closed; a `?` behind it: its direction is an inference."""
    cadence: str
    closing_price: str
    fund: str
    """Whether the insurance fund can be read."""
    warning: str
    """Whether the venue warns publicly."""
    log: str
    """Whether ADL events are public."""
    protection: str
    """What spares a hedged account, and below which ratio."""


def summary(profile: VenueProfile) -> VenueSummary:
    """The venue in short words."""
    facts = profile.facts
    return VenueSummary(
        id=profile.id,
        title=profile.title,
        formula=facts.rule.value or UNKNOWN,
        grade=_GRADES.get(facts.rule.grade, facts.rule.grade),
        indicator=_indicator(profile.light),
        cadence=UNKNOWN if profile.cadence is None else f"{profile.cadence:g} s",
        closing_price=(profile.closing_price or UNKNOWN).replace("previous", "prev"),
        fund=_there(facts.insurance),
        warning=_there(facts.warning),
        log=_there(facts.public_log),
        protection=_protection(profile.shield),
    )


def words(fact: Fact[Any]) -> str:
    """What a fact says, as text."""
    value = fact.value
    if value is None:
        return "unknown"
    if isinstance(value, Struct):
        return ", ".join(f"{key} {part}" for key, part in asdict(value).items() if part is not None)
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def _indicator(scale: LightScale) -> str:
    if scale.field is None:
        return UNKNOWN if scale.grade is Grade.UNKNOWN else "none"
    if scale.rank:
        return "n/N…1"
    if scale.levels is not None:
        ordered = sorted(scale.levels, key=float)
        ends = ordered[0], ordered[-1]
    elif scale.full is not None:
        ends = "0", f"{scale.full:g}"
    else:
        return "unclear"
    return "…".join(ends if scale.rising else reversed(ends)) + ("" if scale.certain else UNKNOWN)


def _protection(shield: ShieldRule | None) -> str:
    if shield is None:
        return UNKNOWN
    words = _MEASURES[shield.measure]
    return words if shield.threshold is None else f"{words} {'≤' if shield.inclusive else '<'}{shield.threshold:g}"


def _there(fact: Fact[Any] | None) -> str:
    if fact is None or fact.value is None:
        return UNKNOWN
    return "no" if fact.value.startswith("none") else "yes"
