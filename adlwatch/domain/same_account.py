"""One account that several sources tell of: counted once, whatever each of them calls it.

Sources of one identity (an address, or a key with the same product lines) read the same account whole: the fresher answer is used
for all of it, under the name that the first of them gives it. Sources that merely use the same account id at the same venue (a
venue's key, and a book with what the key cannot see) complete each other: `gather` takes the fresher of what both tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from adlwatch.domain.loss import PATIENCE, ROUNDING, Compared, Loss
from adlwatch.domain.reading import Reading, SourceState

NO_IDENTITY = frozenset({"book"})
"""Kinds whose account ids are made up by whoever writes the file: two of them may mean two accounts by the same one."""


class Teller(NamedTuple):
    """One source's own name for an account, and how old its last answer is."""

    source: str
    account: str
    kind: str
    as_of: datetime


class SharedAccount(NamedTuple):
    """An account that several sources tell of."""

    tellers: tuple[Teller, ...]
    """The one that names it first."""
    identical: bool
    """Whether all of them read the same account for certain, and whole."""

    @property
    def name(self) -> str:
        """Its id for everybody."""
        return self.tellers[0].account

    @property
    def used(self) -> Teller:
        """The fresher answer."""
        return max(self.tellers, key=lambda each: each.as_of)

    @property
    def line(self) -> str:
        """What has to be known of it."""
        sources = " and ".join(f"{each.source}" for each in self.tellers)
        if self.identical:
            return f"{sources} read the same account: it counts once, as {self.name}, by the fresher answer"
        return f"{sources} both tell of account {self.name}: what both tell counts once, by the fresher answer"


def shared_accounts(states: Iterable[SourceState]) -> tuple[SharedAccount, ...]:
    """All that more than one source tells of."""
    certain: dict[str, list[Teller]] = defaultdict(list)
    named: dict[tuple[str, str], list[Teller]] = defaultdict(list)
    for state in sorted(states, key=lambda state: (state.kind in NO_IDENTITY, state.id)):
        if state.reading is None:
            continue
        for account in state.reading.accounts:
            teller = Teller(state.id, account.id, state.kind, account.as_of or state.reading.as_of)
            if state.identity is not None:
                certain[f"{state.identity} {account.id.removeprefix(state.id)}"].append(teller)
            named[account.venue, account.id].append(teller)
    same = [SharedAccount(tuple(tellers), identical=True) for tellers in certain.values() if len(tellers) > 1]
    alike = [
        SharedAccount(tuple(tellers), identical=False)
        for tellers in named.values()
        if len(tellers) > 1 and not all(each.kind in NO_IDENTITY for each in tellers)
    ]
    return (*same, *alike)


def counted_once(states: tuple[SourceState, ...], shared: Iterable[SharedAccount]) -> tuple[SourceState, ...]:
    """The states, without what another source tells as well, and under its common name; each says so in its notes."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    left_out: dict[str, set[str]] = defaultdict(set)
    notes: dict[str, list[str]] = defaultdict(list)
    for each in shared:
        used = each.used
        for teller in each.tellers:
            notes[teller.source].append(f"{each.line}, now that of {used.source}")
            if each.identical and teller is used:
                names[teller.source][teller.account] = each.name
            elif each.identical:
                left_out[teller.source].add(teller.account)
    return tuple(
        replace(state, reading=_told(state.reading, names[state.id], left_out[state.id], notes[state.id]))
        if state.id in notes and state.reading is not None
        else state
        for state in states
    )


def _told(reading: Reading, names: Mapping[str, str], left_out: set[str], notes: list[str]) -> Reading:
    def kept(account: str) -> bool:
        return account not in left_out

    def name(account: str) -> str:
        return names.get(account, account)

    return replace(
        reading,
        accounts=tuple(replace(a, id=name(a.id)) for a in reading.accounts if kept(a.id)),
        positions=tuple(replace(p, account=name(p.account)) for p in reading.positions if kept(p.account)),
        holdings=tuple(replace(h, account=name(h.account)) for h in reading.holdings if kept(h.account)),
        fills=tuple(replace(f, account=name(f.account)) for f in reading.fills if kept(f.account)),
        notes=(*reading.notes, *notes),
    )


class Twice:
    """Losses of accounts that several sources tell of: each counts once, from whichever source shows it first."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str | None], tuple[str, Loss]] = {}
        """By position key and fill: the source that told of it last, and what."""

    def once(self, found: Compared, source: str, shared: Iterable[SharedAccount]) -> Compared:
        """What one source has found, under the common names, without what another source had told before."""
        names = {teller.account: each.name for each in shared for teller in each.tellers if teller.source == source}
        if not names:
            return found
        losses = tuple(
            loss
            for loss in (_renamed(loss, names.get(loss.account, loss.account)) for loss in found.losses)
            if loss.account not in names.values() or self._is_first(loss, source)
        )
        explained = {_key(key, names): part for key, part in found.explained.items()}
        return found._replace(losses=losses, explained=explained)

    def _is_first(self, loss: Loss, source: str) -> bool:
        place = (loss.key, loss.fill)
        teller, known = self._told.get(place, (source, loss))
        again = teller != source and (loss.fill is not None or _alike(known, loss))
        if not again:
            self._told[place] = source, loss
        return not again


def _alike(a: Loss, b: Loss) -> bool:
    """Whether two shrinks without a fill are one that two sources saw."""
    return abs(a.time - b.time) <= PATIENCE and abs(a.size - b.size) <= ROUNDING * max(a.size, b.size)


def _renamed(loss: Loss, account: str) -> Loss:
    return loss if account == loss.account else replace(loss, account=account, key=account + loss.key[len(loss.account) :])


def _key(key: str, names: Mapping[str, str]) -> str:
    account, colon, rest = key.partition(":")
    return f"{names.get(account, account)}{colon}{rest}"
