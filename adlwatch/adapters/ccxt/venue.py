"""What a venue module declares: the endpoints it may call, what it can tell, and the parts a reading is made of."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from adlwatch.adapters.stream import Feed
from adlwatch.domain.model import Account, AdlWarning, Candle, Fill, Holding, Market, Pool, Position

T = TypeVar("T")


class Meter(Struct, frozen=True):
    """One scope in which the venue counts our requests: `limit` weight units in any `window` seconds."""

    name: str
    limit: float
    window: float = 60.0
    per_account: bool = False
    """True where the venue counts by user id, False where by IP address."""


class Endpoint(Struct, frozen=True):
    """One endpoint that may be called: ccxt's API group, the HTTP method and the path template, exactly."""

    group: tuple[str, ...]
    method: str
    path: str
    meter: Meter
    weight: float = 1.0

    @property
    def name(self) -> str:
        """For messages: the method, the group and the path."""
        return f"{self.method} {'/'.join(self.group)}/{self.path}"


def reads(*group: str, meter: Meter) -> Callable[..., Endpoint]:
    """A constructor of GET endpoints (or `method="POST"` where the venue reads by POST) of one API group."""

    def endpoint(path: str, weight: float = 1.0, method: str = "GET") -> Endpoint:
        return Endpoint(group, method, path, meter, weight)

    return endpoint


class Able(Struct, frozen=True):
    """Whether a venue tells one thing, with a note on how or why not."""

    yes: bool
    note: str = ""


NO = Able(False)


def yes(note: str = "") -> Able:
    """It does."""
    return Able(True, note)


def no(note: str) -> Able:
    """It does not, and why."""
    return Able(False, note)


class Capabilities(Struct, frozen=True, kw_only=True):
    """What we read from a venue. `docs/venues.md` is generated from it."""

    lines: tuple[str, ...]
    """Product lines covered, in the words the configuration uses."""
    positions: Able
    equity: Able
    maintenance: Able
    light: Able
    marks: Able
    funding: Able = NO
    open_interest: Able = NO
    candles: Able = NO
    book: Able = NO
    insurance: Able = NO
    warnings: Able = NO
    fills: Able = NO
    holdings: Able = NO
    sub_accounts: Able = NO
    key_permissions: Able = NO


class KeyPermissions(Struct, frozen=True):
    """What an API key may do; None where the venue does not tell."""

    trade: bool | None = None
    withdraw: bool | None = None

    @property
    def more_than_reads(self) -> bool | None:
        """Whether it may trade or move money; None unless one is known, or that it may do neither."""
        told = (self.trade, self.withdraw)
        return True if True in told else None if None in told else False


class Piece(Struct, frozen=True, kw_only=True):
    """What one part brought: a share of a `Reading`. Markets may be partial; those of one symbol are laid over each other."""

    accounts: tuple[Account, ...] = ()
    positions: tuple[Position, ...] = ()
    holdings: tuple[Holding, ...] = ()
    markets: tuple[Market, ...] = ()
    fills: tuple[Fill, ...] = ()
    pools: tuple[Pool, ...] = ()
    warnings: tuple[AdlWarning, ...] = ()
    permissions: KeyPermissions | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply(Generic[T]):
    """A decoded reply. `at` is the moment before the request left, so data is never shown younger than it is."""

    data: T
    at: datetime


class Caller(Protocol):
    """Calls one endpoint of the allow list and decodes its reply, or raises a `SourceError`."""

    async def call(self, endpoint: Endpoint, reply: type[T], **params: Any) -> Reply[T]:
        """One call; `params` are the venue's own."""
        ...

    def owns(self, shown: str) -> bool:
        """Whether a key as the venue shows it, part of it starred out, is the one that signs."""
        ...


def permissions_of(client: Caller, keys: Sequence[tuple[str, KeyPermissions]]) -> KeyPermissions:
    """Of the keys that a venue lists as it shows them, what ours may do; where none is seen to be ours, what all of them say."""
    ours = [may for shown, may in keys if client.owns(shown)] or [may for _, may in keys]
    trades, moves = {key.trade for key in ours}, {key.withdraw for key in ours}
    return KeyPermissions(trades.pop() if len(trades) == 1 else None, moves.pop() if len(moves) == 1 else None)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a part is given: the client, whose account, which lines, what we hold, and a memory that outlives the fetch."""

    client: Caller
    account: str
    lines: tuple[str, ...]
    now: datetime
    held: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Unified symbol → the venue's own id, of every open position."""
    shrunk: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The same for positions that became smaller or vanished since the last reading."""
    candles: Mapping[str, tuple[Candle, ...]] = field(default_factory=lambda: MappingProxyType({}))
    memory: dict[str, Any] = field(default_factory=dict)
    subaccounts: tuple[str, ...] = ()
    """Names of the sub-accounts asked for; empty means every one that the venue lists."""

    async def recent(self, name: str, seconds: float, ask: Callable[["Reader"], Awaitable[T]]) -> T:
        """What `ask` brought at most so many seconds ago, kept in the memory under `name`."""
        kept: tuple[datetime, T] | None = self.memory.get(name)
        if kept is None or (self.now - kept[0]).total_seconds() >= seconds:
            kept = self.memory[name] = (self.now, await ask(self))
        return kept[1]


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to read. `every` 0 means with each fetch; a failing `required` part fails the whole reading."""

    name: str
    read: Callable[[Reader], Awaitable[Piece]]
    every: float = 0.0
    required: bool = False
    on_shrink: bool = False
    """Also read at once when a position became smaller."""


@dataclass(frozen=True, slots=True)
class SymbolPart:
    """One thing to read for each held symbol, the longest unread first, a few with each fetch."""

    name: str
    read: Callable[[Reader, str, str], Awaitable[Market]]
    """(reader, unified symbol, the venue's id) → what it says of that market."""
    every: float
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue through ccxt."""

    name: str
    ccxt_id: str
    endpoints: tuple[Endpoint, ...]
    capabilities: Capabilities
    parts: Callable[[tuple[str, ...]], tuple[Part, ...]]
    """Product lines → the parts to read."""
    default_lines: tuple[str, ...]
    """Read where the configuration names none."""
    symbol_parts: tuple[SymbolPart, ...] = ()
    refused: Callable[[bytes], bool] = lambda _: False
    """Whether a body with status 200 is the venue's way of saying no."""
    time: tuple[Endpoint, tuple[str | int, ...]] | None = None
    """Where the venue tells its time in ms, and the path to it; without one the Date header is used."""
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Options for ccxt's class."""
    needs: tuple[str, ...] = ("api_key", "secret")
    """Credentials it signs with."""
    feeds: tuple[Feed, ...] = ()
    """Public push streams of its marks."""
    tables: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """Tables in the readers' memory that hold for all accounts and for many runs, each a dict by the venue's id: name → the type
    of its entries. A reader asks for what a table lacks."""
    subaccounts: tuple[Part, ...] = ()
    """What a master key may read of its sub-accounts, where the venue documents such reads."""
