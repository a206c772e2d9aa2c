"""Insurance pools: fed by liquidation fees, drained by bankruptcies, never below zero."""

from adlwatch.adapters.mock.markets import POOLS
from adlwatch.domain.inputs import Array


class Funds:
    """Balance of each pool, USD."""

    def __init__(self, balances: Array) -> None:
        self.first = balances.copy()
        self.balance = balances.copy()

    def settle(self, pool: int, amount: float) -> None:
        """Receive (positive) or pay; what cannot be paid must have gone to ADL before, so going below zero is an error here."""
        left = float(self.balance[pool]) + amount
        if left < -1e-6 * max(1.0, abs(amount)):
            raise ArithmeticError(f"pool {POOLS[pool].name} cannot pay {-amount:.2f}")
        self.balance[pool] = max(0.0, left)

    def drain(self, pool: int, fraction: float) -> float:
        """Take a fraction out (a withdrawal by the venue, not a loss of anyone here); returns the amount."""
        amount = float(self.balance[pool]) * fraction
        self.balance[pool] -= amount
        return amount
