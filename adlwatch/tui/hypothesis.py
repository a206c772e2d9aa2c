"""What a what-if supposes: which underlying moves how far, which position has another size or margin. Frozen; always named."""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct, field
from msgspec.structs import replace

from adlwatch.domain.snapshot import PositionView, Snapshot
from adlwatch.tui.format import move, usd_short

ALL = "*"
LEAD = "BTC"
LEAST = -0.95
MOST = 3.0
MARGIN_STEP = 0.05
"""Of the position's notional."""


class Hypothesis(Struct, frozen=True):
    """Moves as fractions by underlying; `target` is what the keys move. Sizes (ratios) and margins (USD) go by position key."""

    target: str = ALL
    moves: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({ALL: 0.0}))
    follow: bool = False
    """Whether the underlyings that are not named follow Bitcoin by their beta."""
    sizes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    margins: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What to call the positions of `sizes` and `margins`."""

    def moved(self, percent: int) -> "Hypothesis":
        """The target moved further by that many per cent of its present mark."""
        base = self.moves.get(self.target, self.moves.get(ALL, 0.0))
        there = round(min(MOST, max(LEAST, base + percent / 100)), 4)
        return replace(self, moves=MappingProxyType({**self.moves, self.target: there}))

    def aimed(self, snapshot: Snapshot) -> "Hypothesis":
        """The next underlying as the target, all of them after the last."""
        targets = [ALL, *sorted({p.underlying for p in snapshot.positions if p.underlying})]
        following = targets.index(self.target) + 1 if self.target in targets else 0
        return replace(self, target=targets[following % len(targets)])

    def resized(self, position: PositionView, percent: int) -> "Hypothesis":
        """That position larger or smaller by that many per cent of its present size; nothing at the least."""
        ratio = round(min(MOST, max(0.0, self.sizes.get(position.key, 1.0) + percent / 100)), 4)
        return replace(self._naming(position), sizes=MappingProxyType({**self.sizes, position.key: ratio}))

    def funded(self, position: PositionView, steps: int) -> "Hypothesis":
        """That position with more or less margin, in steps of a twentieth of its notional."""
        step = abs(position.notional or 0.0) * MARGIN_STEP
        there = self.margins.get(position.key, 0.0) + steps * step
        return replace(self._naming(position), margins=MappingProxyType({**self.margins, position.key: there}))

    def _naming(self, position: PositionView) -> "Hypothesis":
        name = f"{position.account} {position.underlying or position.symbol}"
        return replace(self, names=MappingProxyType({**self.names, position.key: name}))

    @property
    def label(self) -> str:
        """`WHAT-IF all −5.0% · BTC −20.0% ◀ · bin-main BTC size −10.0%`: what the keys move is marked."""
        names = list(dict.fromkeys((*self.moves, self.target)))
        parts = [f"{self._called(name)} {move(self.moves.get(name, self.moves.get(ALL, 0.0)))}" for name in names]
        marked = [
            f"{part} ◀" if name == self.target and len(names) > 1 else part for name, part in zip(names, parts, strict=True)
        ]
        sizes = [f"{self.names[key]} size {move(ratio - 1.0)}" for key, ratio in self.sizes.items() if ratio != 1.0]
        margins = [f"{self.names[key]} margin {usd_short(more, plus=True)}" for key, more in self.margins.items() if more]
        return f"WHAT-IF {' · '.join([*marked, *sizes, *margins])}"

    def _called(self, name: str) -> str:
        if name != ALL:
            return name
        return f"{LEAD}, others by beta" if self.follow and LEAD not in self.moves else "others by beta" if self.follow else "all"
