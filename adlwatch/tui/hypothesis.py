"""The marks of a what-if: which underlying moves, and by how much. Frozen; always named on screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from adlwatch.domain.snapshot import Snapshot
from adlwatch.tui.format import move

ALL = "*"
LEAST = -0.95
MOST = 3.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Moves as fractions by underlying; `target` is what the keys move."""

    target: str = ALL
    moves: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({ALL: 0.0}))

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

    @property
    def label(self) -> str:
        """`WHAT-IF all −5.0% · BTC −20.0% ◀`: what the keys move is marked."""
        names = list(dict.fromkeys((*self.moves, self.target)))
        parts = [f"{'all' if name == ALL else name} {move(self.moves.get(name, self.moves.get(ALL, 0.0)))}" for name in names]
        marked = [
            f"{part} ◀" if name == self.target and len(names) > 1 else part for name, part in zip(names, parts, strict=True)
        ]
        return f"WHAT-IF {' · '.join(marked)}"
