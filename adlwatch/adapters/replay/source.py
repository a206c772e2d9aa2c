"""A recording as a `[[source]]`: what one source answered then, as if it happened now. Offline, always marked REPLAY."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from adlwatch.adapters.base import BadPayload, Clock, Context, Kind, Retry, SourceError, Unsupported
from adlwatch.adapters.replay.file import NoRecording, RecordingFile, Unreadable
from adlwatch.adapters.replay.shift import Shift
from adlwatch.adapters.replay.tape import FOREVER, LABEL, Ended, Replay, ReplayTime, Tape
from adlwatch.domain.model import Fill, FillKind, Position
from adlwatch.domain.reading import Reading
from adlwatch.domain.recording import RecordedSource, heard_in


class ReplayOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `replay` source."""

    path: str
    """The file that `adlwatch record` has written; `~` is the home directory."""
    source: str | None = None
    """Whose answers; may be left out where the file has only one source."""
    speed: Annotated[float, Meta(gt=0)] = 1.0
    """Recorded seconds a second. Above 1 all that happens comes closer together, and ages shrink with it."""
    loop: bool = False
    """Begin anew at the end; what is not there at the beginning counts as settled then."""


@dataclass(slots=True)
class _Round:
    """The file, opened once more."""

    file: RecordingFile
    shift: Shift
    replay: Replay
    number: int
    begun: bool = False


class ReplaySource:
    """One recorded source at the present time. A file that cannot be read is opened again with the next fetch."""

    kind = "replay"
    pace = 0.0

    def __init__(
        self,
        source_id: str,
        options: ReplayOptions,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.id = source_id
        self.interval = 5.0
        self.timeout = FOREVER
        self.label: str | None = LABEL
        self._options = options
        self._clock = clock
        self._sleep = sleep
        self._round: _Round | None = None
        self._last: tuple[Position, ...] = ()
        with suppress(SourceError):  # it is said by the first fetch
            self._round = self._opened(0)

    async def fetch(self) -> Reading:
        """What is due by now, else what comes next. Raises what was raised then, and `Unsupported` at the end."""
        playing = self._round = self._round or self._opened(0)
        try:
            reading = await playing.replay.fetch()
        except Ended as ended:
            reading = await self._again(playing, ended)
        return self._here(reading)

    async def close(self) -> None:
        """Nothing is held."""

    async def _again(self, last: _Round, ended: Ended) -> Reading:
        """The first answer of the next round; where there is none to come, an error that says why."""
        if last.file.note is not None:
            raise BadPayload(last.file.note)
        if not self._options.loop:
            raise ended
        playing = self._round = self._opened(last.number + 1)
        return await playing.replay.fetch()

    def _opened(self, number: int) -> _Round:
        try:
            file = RecordingFile(Path(self._options.path).expanduser())
        except Unreadable as error:
            raise Retry(str(error)) from None
        except NoRecording as error:
            raise BadPayload(str(error)) from None
        source = self._chosen(file)
        shift = Shift(file.head.started, self._clock(), self._options.speed)
        time = ReplayTime(lambda: shift.recorded(self._clock()), lambda seconds: self._sleep(seconds / shift.speed))
        self.label = f"{LABEL} {file.head.started:%Y-%m-%d %H:%M}Z ×{shift.speed:g}"
        self.interval = source.interval / shift.speed
        return _Round(file, shift, Replay(source, Tape(heard_in(file.lines)), time, ends=True), number)

    def _chosen(self, file: RecordingFile) -> RecordedSource:
        known = {source.id: source for source in file.head.sources}
        name = self._options.source or (next(iter(known)) if len(known) == 1 else None)
        if name in known:
            return known[name]
        reason = f'it has no source "{name}"' if name else "it has several sources, so name one: source ="
        raise Unsupported(f"{file.path}: {reason}; there are {', '.join(known) or 'none'}")

    def _here(self, recorded: Reading) -> Reading:
        """A reading of this source, now. In a later round fills are other ones, and what is gone with the first is settled."""
        assert self._round is not None  # noqa: S101  # it has just answered
        number, reading = self._round.number, self._round.shift.reading(recorded)
        fills = tuple(replace(fill, id=f"{fill.id}#{number}") for fill in reading.fills) if number else reading.fills
        settled = () if self._round.begun else tuple(_settled(self._last, reading, number))
        self._round.begun, self._last = True, reading.positions
        return replace(reading, source=self.id, fills=(*settled, *fills))


def _settled(before: Iterable[Position], after: Reading, number: int) -> Iterator[Fill]:
    sizes = {position.key: position.size for position in after.positions}
    for position in before:
        gone = position.size - sizes.get(position.key, 0.0)
        if gone > 0:
            yield Fill(
                id=f"round {number}",
                account=position.account,
                venue=position.venue,
                symbol=position.symbol,
                side=position.side,
                size=gone,
                price=position.mark_price or position.entry_price,
                time=after.as_of,
                kind=FillKind.SETTLEMENT,
            )


def _create(source_id: str, options: ReplayOptions, context: Context) -> ReplaySource:
    return ReplaySource(source_id, options, context.clock)


KIND = Kind("replay", ReplayOptions, _create)
