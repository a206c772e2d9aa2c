"""A light in words and glyphs: level, where it comes from, how old it is. Never by colour alone."""

from adlwatch.domain.light import Light, LightSource, LightState
from adlwatch.domain.snapshot import Severity
from adlwatch.tui.format import age
from adlwatch.tui.spans import Role, Span, Spans

LEVELS = 5
RISING = "↑"
"""Behind a level that may well go up within a minute."""
NAKED_AND_LIGHT = 16
"""Cells from which both fit."""
WAITING: Spans = (("… waiting", Role.DIM),)
"""A leg that no source has told of yet."""
SHORT_SOURCE = {
    LightSource.VENUE: "venue",
    LightSource.CALIBRATED: "cal",
    LightSource.MODELLED: "est",
    LightSource.EXACT: "exact",
}
SOURCE_WORDS = {
    LightSource.VENUE: "the venue's own light",
    LightSource.CALIBRATED: "estimate, calibrated with lights of this venue",
    LightSource.MODELLED: "estimate, not yet calibrated",
    LightSource.EXACT: "computed exactly from public facts",
}
STATE_WORDS = {
    LightState.LIT: "in the queue",
    LightState.FLAT: "flat",
    LightState.NO_QUEUE: "no queue",
    LightState.RANDOM: "random",
    LightState.SOCIALISED: "socialised",
    LightState.KEEPER: "keeper",
    LightState.UNKNOWN: "unknown",
    LightState.STALE: "stale",
}
_STATE_GLYPHS = {LightState.UNKNOWN: "○", LightState.STALE: "◌"}
_LEVEL_ROLES = {1: Role.OK, 2: Role.OK, 3: Role.WATCH, 4: Role.WARNING, 5: Role.CRITICAL}

SEVERITY_GLYPHS = {
    Severity.OK: "●",
    Severity.WATCH: "◆",
    Severity.WARNING: "▲",
    Severity.CRITICAL: "✖",
    Severity.BLIND: "○",
}
SEVERITY_ROLES = {
    Severity.OK: Role.OK,
    Severity.WATCH: Role.WATCH,
    Severity.WARNING: Role.WARNING,
    Severity.CRITICAL: Role.CRITICAL,
    Severity.BLIND: Role.BLIND,
}
SEVERITY_ORDER = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.BLIND: 2, Severity.WATCH: 3, Severity.OK: 4}


def severity_mark(severity: Severity) -> Span:
    """The glyph of a severity."""
    return SEVERITY_GLYPHS[severity], SEVERITY_ROLES[severity]


def level_role(level: int | None) -> Role:
    """How much attention a level needs."""
    return _LEVEL_ROLES.get(level or 0, Role.BLIND)


def bars(light: Light | None) -> Spans:
    """`▮▮▮▮▯ 4`, or the state in words: `— no queue`, `○ unknown`, `◌ stale 4`."""
    if light is None:
        return (("○ unknown", Role.BLIND),)
    if light.state is LightState.LIT and light.level is not None:
        level = max(0, min(LEVELS, light.level))
        role = level_role(level)
        return (("▮" * level, role), ("▯" * (LEVELS - level), Role.DIM), (f" {level}", role))
    last = f" {light.level}" if light.state is LightState.STALE and light.level is not None else ""
    role = Role.BLIND if light.state in _STATE_GLYPHS else Role.DIM
    return ((f"{_STATE_GLYPHS.get(light.state, '—')} {STATE_WORDS[light.state]}{last}", role),)


def span_of(light: Light) -> str:
    """The levels an estimate may be: `3–4`, or `4`."""
    if light.interval is None:
        return str(light.level) if light.level is not None else "?"
    low, high = light.interval
    return str(low) if low == high else f"{low}–{high}"


def provenance(light: Light, estimate: Light) -> str:
    """Where the level comes from, with the other opinion beside it: `venue 20s est 3–4`, `est 2–3`."""
    if light.source is None:
        return ""
    if light.source is not LightSource.VENUE:
        return f"{SHORT_SOURCE[light.source]} {span_of(light)}" if light.interval else SHORT_SOURCE[light.source]
    own = f"venue {age(light.age_seconds)}" if light.age_seconds is not None else "venue"
    return f"{own} est {span_of(estimate)}" if estimate.state is LightState.LIT else own


def position_light(light: Light, estimate: Light, cells: int, *, rising: bool = False) -> Spans:
    """A position's light as wide as its column allows: bars, `↑` if it is likely to go up, a mark or words for the source."""
    shown = bars(light)
    if light.state is not LightState.LIT or light.source is None:
        return shown
    shown += _arrow(rising=rising)
    words = provenance(light, estimate)
    for tail in (words, words.split(" est ")[0], SHORT_SOURCE[light.source], _mark(light)):
        if len(tail) + 8 + len(RISING) * rising <= cells:
            return (*shown, (f" {tail}", Role.DIM))
    return shown


def _mark(light: Light) -> str:
    return "" if light.source in (LightSource.VENUE, LightSource.EXACT) else "e"


def _arrow(*, rising: bool) -> Spans:
    return ((RISING, Role.WARNING),) if rising else ()


def hedge_light(light: Light | None, severity: Severity, *, rising: bool = False) -> Spans:
    """The worst light among a hedge's legs and how much attention the hedge needs."""
    return (*bars(light), *_arrow(rising=rising), (" ", Role.TEXT), severity_mark(severity))


def naked_light(light: Light | None, cells: int) -> Spans:
    """A hedge that has lost a leg: that first, then the light of what is left of it."""
    lit = light is not None and light.state is LightState.LIT and cells >= NAKED_AND_LIGHT
    return (("✖ NAKED", Role.CRITICAL), *((("  ", Role.TEXT), *bars(light)) if lit else ()))
