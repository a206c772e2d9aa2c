"""What was lost so far: each reading that replaces another is compared with it, at once, so that no loss is passed over."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from adlwatch.domain.incident import Incident, Standing, record
from adlwatch.domain.loss import Tally, compare, primed
from adlwatch.domain.reading import Reading, SourceState
from adlwatch.domain.same_account import Twice, shared_accounts

NOT_WATCHED = frozenset({"book"})
"""Kinds whose positions their owner edits: a smaller position there was not taken by a venue."""
KEPT = timedelta(hours=24)
"""How long a closed incident is still shown; the history has it for longer."""


class Ledger:
    """Compares readings source by source. The first one of a source only primes it: what was filled before is no incident."""

    def __init__(self, incidents: Iterable[Incident] = ()) -> None:
        self.incidents = tuple(incidents)
        """As the last assessment measured them, and what was found since."""
        self._last: dict[str, tuple[Reading, Tally]] = {}
        self._twice = Twice()
        self._unwatched: set[str] = set()
        """Sources whose last reading is an earlier run's."""

    def resume(self, states: Iterable[SourceState]) -> None:
        """Begin with what an earlier run had read last: the first reading of this one shows what was lost in between."""
        self.hear(states, dict)
        self._unwatched = set(self._last)

    def hear(self, states: Iterable[SourceState], standings: Callable[[], Mapping[str, Standing]]) -> bool:
        """Take note of every reading not heard before; whether anything was lost, or explained.

        `standings` tells how the hedges stood before, and is asked only if something happened.
        """
        changed, known = False, tuple(states)
        for state in known:
            if state.reading is not None and state.kind not in NOT_WATCHED:
                changed |= self._compared(state.reading, known, standings)
        return changed

    def _compared(self, reading: Reading, states: Iterable[SourceState], standings: Callable[[], Mapping[str, Standing]]) -> bool:
        if reading.source not in self._last:
            self._last[reading.source] = reading, primed(reading)
            return False
        last, tally = self._last[reading.source]
        if reading is last:
            return False
        found = compare(last, reading, tally)
        self._last[reading.source] = reading, found.tally
        unwatched = reading.source in self._unwatched
        self._unwatched.discard(reading.source)
        if found.losses or found.explained:
            found = self._twice.once(found, reading.source, shared_accounts(states))
        if not found.losses and not found.explained:
            return False
        kept = [each for each in self.incidents if each.closed_at is None or reading.as_of - each.closed_at <= KEPT]
        self.incidents = record(kept, found, standings(), unwatched=unwatched)
        return True
