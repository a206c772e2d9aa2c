"""What the user decided, as far as the domain needs it: frozen, built once by `adlwatch.config`."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field

from adlwatch.domain.alert_rules import AlertRules
from adlwatch.domain.costs import Costs
from adlwatch.domain.model import HedgeSpec
from adlwatch.domain.thresholds import Thresholds
from adlwatch.domain.venue import VenueProfile


class Settings(Struct, frozen=True):
    """Choices that change an assessment."""

    hedges: tuple[HedgeSpec, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Asset → underlying, for wrapped and staked forms the user counts as the same (for example {"WBTC": "BTC"})."""
    owners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Account id → owner group, for the account and its margin pools `id/…`; hedges are paired only within one group."""
    dust_usd: float = 10.0
    """Balances worth less than this are no leg of a hedge (explicitly named legs always are)."""
    seed: int = 0
    """Seed of the estimated queue, so that the same inputs give the same lights."""
    thresholds: Thresholds = field(default_factory=Thresholds)
    profiles: Mapping[str, VenueProfile] = field(default_factory=lambda: MappingProxyType({}))
    """Venue profiles by venue id; a venue without one has no score and no light."""
    costs: Costs = field(default_factory=Costs)
    alerts: AlertRules = field(default_factory=AlertRules)

    def owner_of(self, account: str) -> str | None:
        """The group of an account or margin pool, as the longest id that covers it says; None where none does."""
        owner = None
        while self.owners and account and owner is None:
            owner = self.owners.get(account)
            account = account.rpartition("/")[0]
        return owner
