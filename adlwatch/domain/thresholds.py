"""From which figure on something needs attention: the numbers behind `docs/severity.md`."""

from msgspec import Struct


class Thresholds(Struct, frozen=True, kw_only=True):
    """Configurable limits; the defaults are those of a cautious desk. Distances and ratios are fractions."""

    hedged_watch: int = 3
    hedged_warning: int = 4
    hedged_critical: int = 5
    unhedged_watch: int = 4
    unhedged_warning: int = 5
    liquidation_watch: float = 0.25
    liquidation_warning: float = 0.12
    liquidation_critical: float = 0.05
    liquidation_minutes_warning: float = 30.0
    liquidation_minutes_critical: float = 5.0
    hedge_ratio_watch: float = 0.95
    hedge_ratio_warning: float = 0.80
    hedge_ratio_critical: float = 0.50
    naked_usd: float = 1_000.0
    """Exposure below this is never called naked, however bad the ratio."""

    def __post_init__(self) -> None:
        """Refuse limits that contradict each other.

        Raises:
            ValueError: one clear line naming the limits.

        """
        rising = (self.hedged_watch, self.hedged_warning, self.hedged_critical)
        if sorted(rising) != list(rising) or self.unhedged_watch > self.unhedged_warning:
            raise ValueError("thresholds: lights must rise from watch to critical")
        if not 0 <= self.liquidation_critical <= self.liquidation_warning <= self.liquidation_watch:
            raise ValueError("thresholds: liquidation distances must fall from watch to critical")
        if not 0 <= self.liquidation_minutes_critical <= self.liquidation_minutes_warning:
            raise ValueError("thresholds: liquidation minutes must fall from warning to critical")
        if not 0 <= self.hedge_ratio_critical <= self.hedge_ratio_warning <= self.hedge_ratio_watch <= 1:
            raise ValueError("thresholds: hedge ratios must fall from watch to critical, within 0 to 1")
        if self.naked_usd < 0:
            raise ValueError("thresholds: naked_usd must not be negative")
