"""Delta-neutral protection: venues that rank qualifying hedged accounts last, while a threshold holds.

Bybit: coinDelta at most 0.05, cross or portfolio margin, set per account and not inherited by sub-accounts;
https://www.bybit.com/en/help-center/article/Introduction-to-Delta-Neutral-Mode (2026-03-05). It does not publish how coinDelta is
computed; it is read here as |long - short| / max(long, short), like Binance's relative_diff.
Binance: relative_diff below 0.05 in a portfolio margin account, spot account and options not counted;
https://www.binance.com/en/support/faq/detail/4ac2d99429f845e5961acff03556c034 (2026-01-16).
OKX: delta over account equity at most 0.2; https://www.okx.com/help/introduction-to-delta-neutral-strategy (2025-11-04).
Bitget: by whitelist; https://www.bitget.com/support/articles/12560603881602. Thresholds come from the venue's profile.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from msgspec import Struct
from msgspec.structs import replace

from adlwatch.domain.leg import Leg, LegKind
from adlwatch.domain.model import Account, MarginMode
from adlwatch.domain.snapshot import Shield
from adlwatch.domain.venue import ShieldRule

AT_RISK_BELOW = 0.2
"""Share of the threshold that must be left; with less the shield is at risk."""
ON, OFF, AT_RISK, NOT_ELIGIBLE, UNKNOWN = "on", "off", "at-risk", "not-eligible", "unknown"
HOLDING = (ON, AT_RISK)
"""States in which the account is still ranked last."""
NO_SHIELD = Shield(state=NOT_ELIGIBLE, note="the venue has no delta-neutral protection")
_SPOT, _ISOLATED = LegKind.SPOT, MarginMode.ISOLATED
_SPOT_DOES_NOT_COUNT = frozenset({"binance"})


class _Sides(Struct, frozen=True, gc=False):
    """The account's exposure to one coin, and what it is measured against."""

    long: float
    short: float
    price: float | None
    allowance: float | None
    """Net units at which a delta-to-equity rule ends the protection."""
    ratio: float | None


def shields(
    legs: Iterable[Leg],
    accounts: Mapping[str, Account],
    rules: Mapping[str, ShieldRule | None],
    equity: Mapping[str, float | None] | None = None,
) -> dict[tuple[str, str], Shield]:
    """The protection of every (account, underlying) that has a derivative leg.

    `rules` by venue; `equity` by account overrides `Account.equity` (at the marks of the legs).
    """
    by_account: dict[str, list[Leg]] = defaultdict(list)
    for leg in legs:
        by_account[leg.account].append(leg)
    switched_on = {account.venue: account.id for account in accounts.values() if account.delta_neutral_mode}
    found: dict[tuple[str, str], Shield] = {}
    for account_id, own in by_account.items():
        venue = own[0].venue
        rule = rules.get(venue)
        coins = dict.fromkeys([leg.underlying for leg in own if leg.derivative])
        if rule is None:
            none = replace(NO_SHIELD, account=account_id)
            found.update({(account_id, coin): none for coin in coins})
            continue
        account = accounts.get(account_id)
        backing = equity.get(account_id) if equity is not None else account.equity if account else None
        counted = _Counted.of(rule, own)
        main = switched_on.get(venue)
        for coin in coins:
            shield = _shield(rule, account, counted, coin, backing, name=account_id)
            if main not in (None, account_id) and shield.state in (OFF, UNKNOWN):
                shield = replace(shield, note=f"{shield.note}; the mode of {main} does not extend to other accounts")
            found[account_id, coin] = shield
    return found


def shield_of(rule: ShieldRule, account: Account | None, legs: Sequence[Leg], coin: str, equity: float | None) -> Shield:
    """The protection of one account's positions in one coin. `legs` are all legs of that account, in every coin."""
    return _shield(rule, account, _Counted.of(rule, legs), coin, equity)


class _Counted(NamedTuple):
    """The legs of one account that its venue counts, by coin, and each coin's |net delta| in USD (None: unknown)."""

    by_coin: dict[str, list[Leg]]
    delta_usd: dict[str, float | None]
    """Empty where the rule does not ask for it."""
    total_usd: float
    """Over the coins that are known."""
    unknown: int
    """Coins whose delta is not."""

    @classmethod
    def of(cls, rule: ShieldRule, legs: Sequence[Leg]) -> Self:
        by_coin: dict[str, list[Leg]] = defaultdict(list)
        for leg in legs:
            if leg.kind is not _SPOT or leg.venue not in _SPOT_DOES_NOT_COUNT:
                by_coin[leg.underlying].append(leg)
        if rule.measure != "delta-to-equity":
            return cls(by_coin, {}, 0.0, 0)
        deltas = {coin: _delta_usd(own) for coin, own in by_coin.items()}
        known = [delta for delta in deltas.values() if delta is not None]
        return cls(by_coin, deltas, sum(known), len(deltas) - len(known))

    def others_usd(self, coin: str) -> float | None:
        """Sum of |net delta| of the other coins: coins do not offset each other."""
        own = self.delta_usd[coin]
        return None if self.unknown > (own is None) else self.total_usd - (own or 0.0)


def _delta_usd(legs: Sequence[Leg]) -> float | None:
    net = 0.0
    for leg in legs:
        if leg.units is None or leg.price is None:
            return None
        net += leg.units * leg.price
    return abs(net)


def _shield(
    rule: ShieldRule, account: Account | None, counted: _Counted, coin: str, equity: float | None, *, name: str | None = None
) -> Shield:
    """`name`: of the account, which need not be known otherwise."""
    own = counted.by_coin[coin]
    sides = _sides(rule, own, counted.others_usd(coin) if counted.delta_usd else None, equity)
    state, note = UNKNOWN, "exposure or equity unknown"
    barred = _barred(rule, account, own) if rule.measure != "netted-pairs" else None
    if barred is not None:
        state, note = barred
    elif rule.measure != "netted-pairs" and rule.threshold is None:
        state, note = ON, "by whitelist, no published threshold"
    elif sides.ratio is not None:
        return _netted(rule, sides, name) if rule.threshold is None else _measured(rule, sides, own, name)
    return Shield(state=state, ratio=sides.ratio, threshold=rule.threshold, account=name, rule=rule.measure, note=note)


def _barred(rule: ShieldRule, account: Account | None, own: list[Leg]) -> tuple[str, str] | None:
    """Why the account is not protected whatever its ratio, or not known to be."""
    for leg in own:
        if leg.margin_mode is _ISOLATED:
            return NOT_ELIGIBLE, "isolated margin never qualifies"
    if account is not None and account.portfolio_margin is False and rule.measure == "long-short-gap":
        return NOT_ELIGIBLE, "needs portfolio margin"
    if account is None or account.delta_neutral_mode is None:
        return UNKNOWN, "cannot see whether the mode is switched on"
    return None if account.delta_neutral_mode else (OFF, "the mode is switched off")


def _sides(rule: ShieldRule, own: list[Leg], others: float | None, equity: float | None) -> _Sides:
    price = None
    long_units = short_units = 0.0
    for leg in own:
        units = leg.units
        if price is None and leg.derivative and leg.price:
            price = leg.price
        if units is None:
            return _Sides(0.0, 0.0, price, None, None)
        if units > 0.0:
            long_units += units
        else:
            short_units -= units
    if rule.measure != "delta-to-equity":
        larger = max(long_units, short_units)
        return _Sides(long_units, short_units, price, None, abs(long_units - short_units) / larger if larger else None)
    if others is None or not price or rule.threshold is None or equity is None or equity <= 0.0:
        return _Sides(long_units, short_units, price, None, None)
    allowance = (rule.threshold * equity - others) / price
    return _Sides(long_units, short_units, price, allowance, (abs(long_units - short_units) * price + others) / equity)


def _netted(rule: ShieldRule, sides: _Sides, name: str | None) -> Shield:
    """Pairs held both ways in one account are passed over; only the excess can be taken."""
    excess = abs(sides.long - sides.short)
    state, note = ON if not excess else AT_RISK, f"{excess:g} units in excess of the pair are exposed"
    if not min(sides.long, sides.short):
        state, note = OFF, "no opposite side to net against"
    return Shield(state=state, ratio=sides.ratio, threshold=rule.threshold, account=name, rule=rule.measure, note=note)


def _measured(rule: ShieldRule, sides: _Sides, own: list[Leg], name: str | None) -> Shield:
    ratio, threshold = sides.ratio or 0.0, rule.threshold or 0.0
    shield = Shield(state=OFF, ratio=sides.ratio, threshold=rule.threshold, account=name, rule=rule.measure)
    if ratio > threshold or (ratio == threshold and not rule.inclusive):
        return replace(shield, headroom_units=0.0, headroom_usd=0.0, note="the ratio is past the threshold")
    state = AT_RISK if threshold - ratio < AT_RISK_BELOW * threshold else ON
    nearest = min(((_closable(leg, sides, threshold), leg) for leg in own if leg.derivative), key=lambda each: each[0])
    units, leg = nearest
    whole = abs(leg.units or 0.0)
    shield = replace(
        shield, state=state, headroom_units=units, headroom_usd=units * sides.price if sides.price is not None else None
    )
    if units >= whole:
        return shield
    words = f"closing more than {units / whole:.1%} of {leg.key} ends the protection of the rest"
    return replace(shield, cliff=words, cliff_leg=leg.key, cliff_fraction=units / whole)


def _closable(leg: Leg, sides: _Sides, threshold: float) -> float:
    """Units of this leg that can go before the threshold is passed.

    Gap rule: with a on the leg's side and b on the other, |a - x - b| / max(a - x, b) reaches t on the far side at
    x = a - b + t·b.
    Equity rule: the net may move by the allowance past zero.
    """
    a, b = (sides.long, sides.short) if leg.sign > 0 else (sides.short, sides.long)
    return a - b + (threshold * b if sides.allowance is None else sides.allowance)
