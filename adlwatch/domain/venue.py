"""How one venue deleverages: its ranking, its light, its closing price, its protections; every fact with source and grade.

Profiles are data (`adlwatch/venues/*.toml`, `docs/venue-profiles.md`); `adlwatch.venues.profile_toml.parse` reads one.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, TypeVar, cast

from msgspec import Struct

from adlwatch.domain.fact import Fact
from adlwatch.domain.light import LightState
from adlwatch.domain.light_scale import LightScale
from adlwatch.domain.position_score import RuleId
from adlwatch.domain.queue_priors import Basis, QueuePriors, VenueKind, default_priors

T = TypeVar("T")


class ClosingPrice(StrEnum):
    """The price at which a deleveraged position is closed."""

    BANKRUPTCY = "bankruptcy"
    """The bankruptcy price of the liquidated position."""
    MARK = "mark"
    PREVIOUS_MARK = "previous-mark"
    """The mark before the one that brought the bankruptcy."""
    REFERENCE = "reference"
    """A reference price with a small spread in the receiver's favour."""
    MARKET = "market"
    """Whatever the pool's market gives, without a limit."""
    NONE = "none"
    """Nothing is closed: the loss is spread otherwise."""


class ShieldRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a hedged account or position is spared."""

    measure: Literal["coin-delta", "long-short-gap", "delta-to-equity", "whitelist", "netted-pairs"]
    """What must stay below the threshold; a whitelist has none, netted pairs are spared without one."""
    eligible: str
    """Which accounts may have it, in the venue's terms."""
    threshold: float | None = None
    inclusive: bool = True
    """Whether a ratio equal to the threshold still qualifies."""


NoScore = Literal["random", "socialised", "keeper", "no-queue"]
"""What a venue does in place of ranking."""

_NO_SCORE: Mapping[str | None, LightState] = {
    state.value: state for state in (LightState.RANDOM, LightState.SOCIALISED, LightState.KEEPER, LightState.NO_QUEUE)
}


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known about a venue's deleveraging. A fact left out is one that nobody has looked for."""

    rule: Fact[RuleId | NoScore]
    """The ranking rule, or what there is in its place."""
    second_rule: Fact[RuleId] | None = None
    """A competing rule, shown beside the first and never in its place."""
    rule_version: Fact[str] | None = None
    """Date of the text the rule follows."""
    trigger: Fact[str] | None = None
    isolated: Fact[str] | None = None
    cross: Fact[str] | None = None
    portfolio: Fact[str] | None = None
    quantile_basis: Fact[Basis] | None = None
    cadence: Fact[float] | None = None
    """Seconds between refreshes of the venue's own light."""
    closing_price: Fact[ClosingPrice] | None = None
    adl_fee: Fact[str] | None = None
    """What the deleveraged side pays."""
    taker_fee: Fact[float] | None = None
    """Fraction of notional, lowest tier."""
    scope: Fact[str] | None = None
    """What one queue spans, what is cancelled, whether closes may be partial."""
    shield: Fact[ShieldRule] | None = None
    own_event: Fact[tuple[str, ...]] | None = None
    """Markers by which a holder sees that a position was deleveraged."""
    insurance: Fact[str] | None = None
    warning: Fact[str] | None = None
    public_log: Fact[str] | None = None
    positions: Fact[str] | None = None
    """Where positions can be read, and whether without a key."""


class VenueProfile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One venue. The properties give the facts that the program computes with; None is unknown."""

    id: str
    title: str
    kind: VenueKind
    facts: Facts
    light: LightScale
    queue: QueuePriors | None = None

    @property
    def rule(self) -> RuleId | None:
        """The rule to score with."""
        found = self.facts.rule.value
        return None if found in _NO_SCORE else cast("RuleId | None", found)

    @property
    def second_rule(self) -> RuleId | None:
        """The competing rule."""
        return _value(self.facts.second_rule)

    @property
    def no_score_state(self) -> LightState | None:
        """The state every light of this venue has where there is no ranking."""
        return _NO_SCORE.get(self.facts.rule.value)

    @property
    def cadence(self) -> float | None:
        """Seconds between refreshes of the venue's own light."""
        return _value(self.facts.cadence)

    @property
    def closing_price(self) -> ClosingPrice | None:
        """The closing rule."""
        return _value(self.facts.closing_price)

    @property
    def shield(self) -> ShieldRule | None:
        """The rule that spares hedged accounts."""
        return _value(self.facts.shield)

    @property
    def quantile_basis(self) -> Basis | None:
        """Whether places count users or quantity."""
        return _value(self.facts.quantile_basis)

    @property
    def taker_fee(self) -> float | None:
        """Taker fee as a fraction of notional."""
        return _value(self.facts.taker_fee)

    @property
    def priors(self) -> QueuePriors:
        """The priors of the estimated queue: the profile's own, else those of its kind of venue."""
        return self.queue or default_priors(self.kind)


def facts_of(profile: VenueProfile) -> dict[str, Fact[Any]]:
    """The facts that were looked for, by name, in the order of `Facts`."""
    found = {key: getattr(profile.facts, key) for key in Facts.__struct_fields__}
    return {key: fact for key, fact in found.items() if fact is not None}


def _value(fact: Fact[T] | None) -> T | None:
    return None if fact is None else fact.value
