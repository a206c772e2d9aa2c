"""What we believe about the traders in a queue before a venue has shown us a single light.

Every number carries our doubt about it and its reason. A venue's profile may replace the whole struct in its `[queue]` table;
otherwise `default_priors` gives the one of its kind of venue. `docs/estimated-queue.md` says how they are used.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Prior(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number we had to assume, how unsure we are of it, and why we assume it.

    `doubt` is one standard deviation of our ignorance: of the logarithm for a positive quantity, of the logit for a share,
    of the number itself for a tilt that may have either sign.
    """

    value: float
    doubt: float
    reason: str


class HolderKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of holder of positions on a side."""

    name: str
    share: Prior
    """Share of the positions open at a moment (not of the flow)."""
    leverage: Prior
    """Median effective leverage at entry: notional over the equity that stands behind it."""
    leverage_spread: Prior
    """Standard deviation of the logarithm of that leverage between traders."""
    holding_hours: Prior
    """Mean holding time in hours; rescaled to the market's turnover where open interest and volume are known."""
    momentum: Prior
    """Tilt of entries towards bars that moved in the position's favour, per standard deviation of a day's move."""
    hedged: Prior
    """Share whose equity does not move with this position, because a hedge sits in the same account."""


class QueuePriors(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The prior over a side's population of traders."""

    kinds: tuple[HolderKind, ...]
    held_volume: Prior
    """Share of the traded volume that opens or closes positions that are held (the rest is market making)."""
    stop_loss: Prior
    """Fraction of the margin behind a position at whose loss its holder closes it."""
    take_profit: Prior
    """Return on that margin at which its holder closes it."""
    disagreement: Prior
    """What no parameter above explains: the standard deviation, in logits of the quantile, of model against truth."""


class VenueKind(StrEnum):
    """Kinds of venues whose traders differ enough to need their own priors."""

    RETAIL = "retail"
    ONCHAIN = "onchain"
    COIN_MARGINED = "coin-margined"


Basis = Literal["users", "quantity"]
"""Whether a place in the queue counts traders or the quantity that they hold."""


def _prior(value: float, doubt: float, reason: str) -> Prior:
    return Prior(value=value, doubt=doubt, reason=reason)


def _churn(leverage: float, doubt: float, reason: str) -> HolderKind:
    return HolderKind(
        name="churn",
        share=_prior(0.5, 0.6, "stock, not flow: short-lived positions make most trades but hardly most of what is open"),
        leverage=_prior(leverage, doubt, reason),
        leverage_spread=_prior(0.65, 0.35, "nine of ten traders within a factor of 2.9 of the median"),
        holding_hours=_prior(16.0, 0.5, "what is open of intraday trading is old by selection; rescaled to turnover where known"),
        momentum=_prior(0.0, 0.25, "studies find both trend followers and faders among retail; the sign is not known"),
        hedged=_prior(0.05, 0.5, "few intraday positions are hedged in the same account"),
    )


def _carry(leverage: float, doubt: float, hedged: float, reason: str) -> HolderKind:
    return HolderKind(
        name="carry",
        share=_prior(0.5, 0.6, "the rest of the stock: swing, carry and hedge positions held over funding times"),
        leverage=_prior(leverage, doubt, reason),
        leverage_spread=_prior(0.65, 0.35, "carry desks and swing traders differ less among themselves than day traders"),
        holding_hours=_prior(120.0, 0.5, "held for funding or a trend: days to weeks"),
        momentum=_prior(0.0, 0.25, "entries follow the basis more than the last day's move"),
        hedged=_prior(hedged, 0.6, "part of them hold the other leg as collateral in the same account"),
    )


def _priors(churn: HolderKind, carry: HolderKind) -> QueuePriors:
    return QueuePriors(
        kinds=(churn, carry),
        held_volume=_prior(0.3, 0.8, "market makers are one side of most trades and hold little; no venue publishes the share"),
        stop_loss=_prior(0.8, 0.4, "many hold until shortly before liquidation, some stop at half the margin"),
        take_profit=_prior(
            1.5, 0.7, "winners are cut at some multiple of the margin; disposition to sell winners is well documented"
        ),
        disagreement=_prior(0.35, 0.0, "fitted on the tuning seeds of benchmarks/queue_accuracy.py, displaced crowds included"),
    )


_DEFAULTS: Mapping[VenueKind, QueuePriors] = {
    VenueKind.RETAIL: _priors(
        _churn(
            2.7,
            0.5,
            "10 to 20 is set by many, but equity is a multiple of the margin: effective about 3; 2.7 fits the tuning seeds, "
            "and the doubt is that of tuning crowds displaced by half",
        ),
        _carry(1.5, 0.5, 0.2, "positions that survive days of crypto volatility are levered about 1 to 3"),
    ),
    VenueKind.ONCHAIN: _priors(
        _churn(
            3.5,
            0.5,
            "winners deleveraged on Hyperliquid on 2025-10-10 had 0.75, but only once the fall had fed their equity; "
            "3.5 fits the tuning seeds, and the doubt is large because that is one event and its winners alone",
        ),
        _carry(1.4, 0.5, 0.1, "the upper half of that sample: quartiles 0.35 and 1.40"),
    ),
    VenueKind.COIN_MARGINED: _priors(
        _churn(2.5, 0.5, "as retail, with the coin itself as collateral adding delta"),
        _carry(1.2, 0.5, 0.5, "a short against coin collateral at 1x is the classic hedge there"),
    ),
}


def default_priors(kind: VenueKind = VenueKind.RETAIL) -> QueuePriors:
    """The priors for a kind of venue whose profile has no `[queue]` table."""
    return _DEFAULTS[kind]
