"""Sub-accounts that a master key may read: which of them, and how their accounts are called."""

from collections.abc import Iterable, Mapping

from adlwatch.adapters.base import Unsupported
from adlwatch.adapters.ccxt.venue import Piece, Reader
from adlwatch.domain.model import Holding

NO_POSITIONS = (
    "sub-accounts: balances only, for a master key is told no positions of theirs: "
    "give a sub-account with positions its own key and source, and leave it out here"
)


def chosen(x: Reader, known: Iterable[str]) -> tuple[str, ...]:
    """Those of the `known` sub-accounts that are asked for, all unless named; `Unsupported` for a name nobody has."""
    names = tuple(known)
    for name in x.subaccounts:
        if name not in names:
            raise Unsupported(f'{x.account}: no sub-account "{name}"; this key knows: {", ".join(names) or "none"}')
    return x.subaccounts or names


def id_of(x: Reader, name: str) -> str:
    """The account id of a sub-account."""
    return f"{x.account}/{name}"


def joined(pieces: Iterable[Piece]) -> Piece:
    """Accounts, positions and holdings of several sub-accounts as one piece."""
    whole = tuple(pieces)
    return Piece(
        accounts=tuple(a for piece in whole for a in piece.accounts),
        positions=tuple(p for piece in whole for p in piece.positions),
        holdings=tuple(h for piece in whole for h in piece.holdings),
    )


def balances_only(x: Reader, told: Mapping[str, tuple[Holding, ...]]) -> Piece:
    """Balances of those sub-accounts that are asked for, where their positions cannot be had: no account, but a note."""
    names = x.subaccounts or tuple(told)
    missing = tuple(f'sub-accounts: nothing is told of "{name}"' for name in names if name not in told)
    held = tuple(holding for name in names for holding in told.get(name, ()))
    return Piece(holdings=held, notes=(NO_POSITIONS, *missing) if names else ())
