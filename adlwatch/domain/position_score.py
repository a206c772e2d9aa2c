"""The score of one position, as it is shown and shipped. Kept apart from the rules so that showing one never loads numpy."""

from typing import Literal

from msgspec import Struct

from adlwatch.domain.lazy import Row

RuleId = Literal[
    "value",
    "equity-entry",
    "binance-2025",
    "binance-legacy",
    "risk-rate",
    "bitget-2025-05",
    "coinex",
    "hyperliquid-engine",
    "hyperliquid-docs",
    "levels",
    "leverage-first",
    "return-rate",
    "set-leverage",
]
"""Every ranking rule of `adlwatch.domain.rules`."""


class Term(Struct, frozen=True, gc=False, array_like=True):
    """An input or intermediate of a formula, by name; None where it is not known."""

    name: str
    value: float | None


class Score(Struct, frozen=True, gc=False):
    """One position's ranking score under one rule, with the terms it is made of.

    `value` is None where an input is missing; `missing` names the inputs. Nothing is ever filled in.
    """

    rule: str
    value: float | None = None
    pnl_ratio: float | None = None
    """The rule's own profit ratio (on entry value or on current notional, as the rule says)."""
    effective_leverage: float | None = None
    """The rule's own leverage or risk term."""
    missing: tuple[str, ...] = ()
    terms: Row[Term] = ()
    """Every input and intermediate of the formula by name, in the order of the formula."""
    note: str | None = None
