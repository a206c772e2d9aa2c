"""The published ranking rules, one function each, over arrays. Higher is closer to the front of the queue.

Each function returns the rule's profit ratio, its leverage or risk term, the score, and every term by name in the order of
the formula. They run with numpy's floating-point warnings off; an unknown input makes the result NaN and nothing else.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from msgspec import Struct

from adlwatch.domain.inputs import Array, Inputs, backing, bankruptcy_distance, positive, value_at, values

UNDATED = "undated"
FLOOR = 1e-8
"""Least value of either factor in Hyperliquid's engine."""


class Ranked(Struct, frozen=True):
    """What a rule's function returns; all arrays broadcast to the shape of `value`."""

    pnl_ratio: Array
    effective_leverage: Array
    value: Array
    terms: Mapping[str, Array]


class Rule(Struct, frozen=True, kw_only=True):
    """One ranking rule: how it is called, what it computes, and what it cannot do without."""

    id: str
    title: str
    profit: str
    """The formula for a position in profit, as text."""
    loss: str
    """The formula for a position at a loss, as text."""
    version: str
    """Date (ISO, as exactly as known) of the text or of the evidence that the formula follows; `UNDATED` where it has none."""
    needs: tuple[str, ...]
    """Names of the inputs; see `adlwatch.domain.score.NEEDS`."""
    rank: Callable[[Inputs], Ranked]


def _times_or_over(ratio: Array, leverage: Array) -> Array:
    """Leverage brings a winner forward and sends a loser back."""
    return np.where(ratio >= 0, ratio * leverage, ratio / leverage)


def value(x: Inputs) -> Ranked:
    """BitMEX's rule: https://support.bitmex.com/hc/en-gb/articles/18589621443357-What-is-Auto-Deleveraging .

    A cross position whose bankruptcy price the venue does not give has no score.
    """
    v = values(x)
    distance = positive(bankruptcy_distance(x, v))
    ratio, leverage = v.pnl / v.entry_value, v.notional / distance
    terms = {
        "unrealized_pnl": v.pnl,
        "entry_value": v.entry_value,
        "mark_value": v.notional,
        "bankruptcy_value": value_at(x, positive(x.bankruptcy)),
        "distance_to_bankruptcy": distance,
    }
    return Ranked(ratio, leverage, _times_or_over(ratio, leverage), terms)


def equity_entry(x: Inputs) -> Ranked:
    """KuCoin's rule: https://www.kucoin.com/support/26686471898009 ."""
    v = values(x)
    equity = backing(x, v.pnl)
    ratio, leverage = v.pnl / v.entry_value, v.notional / equity
    terms = {"unrealized_pnl": v.pnl, "entry_value": v.entry_value, "notional": v.notional, "equity": equity}
    return Ranked(ratio, leverage, _times_or_over(ratio, leverage), terms)


def binance_2025(x: Inputs) -> Ranked:
    """Binance's rule: https://www.binance.com/en/support/faq/360033525471 .

    PnL and notional are the symbol's, equity is the account's, whatever the margin mode.
    """
    v = values(x)
    equity = positive(x.equity)
    ratio, leverage = v.pnl / v.notional, v.notional / equity
    terms = {"unrealized_pnl": v.pnl, "notional": v.notional, "account_equity": equity}
    return Ranked(ratio, leverage, _times_or_over(ratio, leverage), terms)


def binance_legacy(x: Inputs) -> Ranked:
    """Binance's rule of 2021 and Aster's older page: https://www.binance.com/sv/amp/support/faq/360033525471 ."""
    v = values(x)
    equity = backing(x, v.pnl)
    wallet = np.where(x.isolated == 1, x.margin, x.wallet)
    maintenance = np.where(x.isolated == 1, x.maintenance, x.account_maintenance)
    ratio, margin_ratio = np.maximum(v.pnl, 0) / np.maximum(wallet, 1), maintenance / equity
    terms = {"unrealized_pnl": v.pnl, "wallet": wallet, "maintenance_margin": maintenance, "equity": equity}
    return Ranked(ratio, margin_ratio, ratio * margin_ratio, terms)


def risk_rate(x: Inputs) -> Ranked:
    """Bitget's cross rule (support article 12560603800805, 2025-09-27) and GRVT's, https://help.grvt.io article 9637899.

    The account's maintenance ratio stands for leverage. No venue published what takes its place for an isolated position.
    """
    v = values(x)
    equity = positive(x.equity)
    ratio = v.pnl / v.entry_value
    maintenance_ratio = np.where(x.isolated == 0, positive(x.account_maintenance) / equity, np.nan)
    terms = {
        "unrealized_pnl": v.pnl,
        "entry_value": v.entry_value,
        "account_maintenance_margin": x.account_maintenance,
        "account_equity": equity,
    }
    return Ranked(ratio, maintenance_ratio, _times_or_over(ratio, maintenance_ratio), terms)


def bitget_2025_05(x: Inputs) -> Ranked:
    """Bitget's page of 2025-05-06 (support article 12560603800805): margin + PnL of the position, cross and isolated alike."""
    v = values(x)
    equity = positive(x.margin + v.pnl)
    ratio, leverage = v.pnl / v.entry_value, v.notional / equity
    terms = {"unrealized_pnl": v.pnl, "entry_value": v.entry_value, "notional": v.notional, "margin_and_pnl": equity}
    return Ranked(ratio, leverage, np.maximum(ratio, 0) * leverage, terms)


def coinex(x: Inputs) -> Ranked:
    """CoinEx's rule: https://support.coinex.com/hc/en-us/articles/360018671293 .

    The profit ratio is mark over entry (entry over mark for a short), not that minus one: a flat position scores its
    leverage. The margin of a cross position is the open-margin ratio times open value, not `margin_amount`.
    """
    v = values(x)
    margin = positive(x.margin)
    ratio = np.where(x.sign > 0, x.mark / positive(x.entry), x.entry / positive(x.mark))
    leverage = v.entry_value / margin
    terms = {"mark_value": v.notional, "open_value": v.entry_value, "margin": margin}
    return Ranked(ratio, leverage, ratio * leverage, terms)


def hyperliquid_engine(x: Inputs) -> Ranked:
    """The engine's order as reverse-engineered: https://osec.io/blog/2026-06-22-hyperliquid-risk-engine (second-hand)."""
    v = values(x)
    equity = backing(x, v.pnl)
    ratio = np.maximum(np.maximum(v.pnl, 0) / v.entry_value, FLOOR)
    leverage = np.maximum(v.notional / equity, FLOOR)
    terms = {"unrealized_pnl": v.pnl, "entry_value": v.entry_value, "notional": v.notional, "equity": equity}
    return Ranked(ratio, leverage, leverage * ratio, terms)


def hyperliquid_docs(x: Inputs) -> Ranked:
    """The documented index: https://hyperliquid.gitbook.io/hyperliquid-docs/trading/auto-deleveraging .

    The page is silent on shorts; entry over mark is our reading, the only one that ranks a short's profit upwards.
    """
    v = values(x)
    equity = backing(x, v.pnl)
    ratio = np.where(x.sign > 0, x.mark / positive(x.entry), x.entry / positive(x.mark))
    leverage = v.notional / equity
    return Ranked(ratio, leverage, ratio * leverage, {"price_ratio": ratio, "notional": v.notional, "equity": equity})


def levels(x: Inputs) -> Ranked:
    """Extended's ranking: https://docs.extended.exchange/extended-resources/trading/liquidation-logic .

    Equity counts as at least 1, so a position without any still has a place.
    """
    v = values(x)
    equity = np.maximum(np.where(x.isolated == 1, x.margin + v.pnl, np.where(x.isolated == 0, x.equity, np.nan)), 1.0)
    ratio, margin_ratio = v.pnl / v.entry_value, positive(x.maintenance) / equity
    terms = {"unrealized_pnl": v.pnl, "entry_value": v.entry_value, "maintenance_margin": x.maintenance, "equity": equity}
    return Ranked(ratio, margin_ratio, _times_or_over(ratio, margin_ratio), terms)


def leverage_first(x: Inputs) -> Ranked:
    """Ethereal's first criterion: https://docs.ethereal.trade/trading/perpetual-futures/auto-deleveraging .

    Ties, which it breaks by unrealized PnL, then balance, then age of the account, are left as ties; only profit is closed.
    """
    v = values(x)
    equity = backing(x, v.pnl)
    ratio, leverage = v.pnl / v.entry_value, v.notional / equity
    terms = {"unrealized_pnl": v.pnl, "notional": v.notional, "equity": equity}
    return Ranked(ratio, leverage, np.where(v.pnl > 0, leverage, leverage * 0), terms)


def return_rate(x: Inputs) -> Ranked:
    """KuCoin's older cross rule, https://kucoin.com/support/35084312224281 : profit on entry value, no leverage."""
    v = values(x)
    ratio = v.pnl / v.entry_value
    return Ranked(ratio, np.ones_like(ratio), ratio, {"unrealized_pnl": v.pnl, "entry_value": v.entry_value})


def set_leverage(x: Inputs) -> Ranked:
    """No venue's rule: a stand-in with the leverage *set*, only ever shown second and labelled, where equity is not known."""
    v = values(x)
    ratio, leverage = v.pnl / v.entry_value, positive(x.leverage)
    terms = {"unrealized_pnl": v.pnl, "entry_value": v.entry_value, "leverage_set": x.leverage}
    return Ranked(ratio, leverage, _times_or_over(ratio, leverage), terms)


_PRICES = ("entry_price", "mark_price", "size")
_EQUITY = (*_PRICES, "margin_mode", "isolated_margin", "equity", "equity>0")

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            Rule(
                id="value",
                title="Return on entry value by distance to bankruptcy",
                profit="(MV − EV) / |EV| × |MV| / (MV − BV)",
                loss="(MV − EV) / |EV| ÷ (|MV| / (MV − BV))",
                version="2025-07-16",
                needs=(*_PRICES, "bankruptcy_price", "mark within bankruptcy"),
                rank=value,
            ),
            Rule(
                id="equity-entry",
                title="Return on entry value by effective leverage",
                profit="U / EV × N / A",
                loss="U / EV ÷ (N / A)",
                version=UNDATED,
                needs=_EQUITY,
                rank=equity_entry,
            ),
            Rule(
                id="binance-2025",
                title="Return on notional by the account's effective leverage",
                profit="U / N × N / account equity",
                loss="U / N ÷ (N / account equity)",
                version="2025-12-29",
                needs=(*_PRICES, "account_equity", "account_equity>0"),
                rank=binance_2025,
            ),
            Rule(
                id="binance-legacy",
                title="Return on wallet by margin ratio",
                profit="max(0, U) / max(1, wallet) × MM / (wallet + U)",
                loss="0",
                version="2021",
                needs=(*_EQUITY, "wallet", "maintenance_margin"),
                rank=binance_legacy,
            ),
            Rule(
                id="risk-rate",
                title="Return on entry value by the account's maintenance ratio",
                profit="U / EV × account MM / account equity",
                loss="U / EV ÷ (account MM / account equity)",
                version="2025-09-27",
                needs=(
                    *_PRICES,
                    "margin_mode",
                    "isolated formula",
                    "account_equity",
                    "account_equity>0",
                    "account_maintenance_margin",
                ),
                rank=risk_rate,
            ),
            Rule(
                id="bitget-2025-05",
                title="Return on entry value by value over margin and PnL",
                profit="U / EV × N / (margin + U)",
                loss="0",
                version="2025-05-06",
                needs=(*_PRICES, "position_margin", "margin+pnl>0"),
                rank=bitget_2025_05,
            ),
            Rule(
                id="coinex",
                title="Price ratio by open value over margin",
                profit="M / E × OV / margin (short: E / M × OV / margin)",
                loss="the same",
                version=UNDATED,
                needs=(*_PRICES, "position_margin"),
                rank=coinex,
            ),
            Rule(
                id="hyperliquid-engine",
                title="Return on entry value by effective leverage, each at least 1e-8",
                profit="max(N / A, 1e-8) × max(U / EV, 1e-8)",
                loss="max(N / A, 1e-8) × 1e-8",
                version="2026-06-22",
                needs=_EQUITY,
                rank=hyperliquid_engine,
            ),
            Rule(
                id="hyperliquid-docs",
                title="Price ratio by effective leverage",
                profit="M / E × N / A (short: E / M × N / A)",
                loss="the same",
                version=UNDATED,
                needs=_EQUITY,
                rank=hyperliquid_docs,
            ),
            Rule(
                id="levels",
                title="Return on entry value by position margin ratio, against published bounds",
                profit="U / EV × MM / max(A, 1)",
                loss="U / EV ÷ (MM / max(A, 1))",
                version="2026-04-06",
                needs=(*_PRICES, "margin_mode", "isolated_margin", "equity", "position_maintenance_margin"),
                rank=levels,
            ),
            Rule(
                id="leverage-first",
                title="Effective leverage alone, of positions in profit",
                profit="N / A",
                loss="0",
                version=UNDATED,
                needs=_EQUITY,
                rank=leverage_first,
            ),
            Rule(
                id="return-rate",
                title="Return on entry value alone",
                profit="U / EV",
                loss="the same",
                version=UNDATED,
                needs=_PRICES,
                rank=return_rate,
            ),
            Rule(
                id="set-leverage",
                title="Return on entry value by the leverage set (a stand-in)",
                profit="U / EV × set leverage",
                loss="U / EV ÷ set leverage",
                version=UNDATED,
                needs=(*_PRICES, "leverage"),
                rank=set_leverage,
            ),
        )
    }
)
