import threading

from adlwatch.export.outlet import Outlet


class Reader:
    """Takes a piece only when told to."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.skipped: list[int] = []
        self.gone = threading.Event()
        self.asked = threading.Semaphore(0)
        self.let = threading.Semaphore(0)
        self.error: OSError | None = None

    def write(self, piece: bytes) -> None:
        self.asked.release()
        assert self.let.acquire(timeout=5)
        if self.error is not None:
            raise self.error
        self.taken.append(piece)

    def outlet(self, most: int = 1) -> Outlet:
        return Outlet(self.write, skipped=self.skipped.append, closed=self.gone.set, most=most)


def put(outlet: Outlet, *pieces: bytes) -> None:
    for piece in pieces:
        outlet.put(lambda piece=piece: piece)  # type: ignore[misc]  # mypy does not infer a default's type


def test_a_slow_reader_gets_the_newest_and_is_told_how_many_it_missed() -> None:
    reader = Reader()
    outlet = reader.outlet()
    put(outlet, b"1")
    assert reader.asked.acquire(timeout=5)
    put(outlet, b"2", b"3", b"4")
    reader.let.release(2)
    outlet.close(5)
    assert (reader.taken, reader.skipped) == ([b"1", b"4"], [2])


def test_where_there_is_room_everything_is_written_in_order() -> None:
    reader = Reader()
    outlet = reader.outlet(most=5)
    put(outlet, b"1", b"2", b"3")
    reader.let.release(3)
    outlet.close(5)
    assert (reader.taken, reader.skipped) == ([b"1", b"2", b"3"], [])


def test_a_reader_that_is_gone_ends_it_and_is_told_once() -> None:
    reader = Reader()
    reader.error = BrokenPipeError()
    outlet = reader.outlet(most=5)
    put(outlet, b"1", b"2")
    reader.let.release(2)
    assert reader.gone.wait(5)
    outlet.close(5)
    assert reader.taken == []


def test_a_reader_that_takes_nothing_does_not_hold_up_the_end() -> None:
    reader = Reader()
    outlet = reader.outlet()
    put(outlet, b"1")
    outlet.close(0.01)
    reader.let.release()
    assert reader.skipped == []


def test_putting_never_waits_for_the_reader() -> None:
    reader = Reader()
    outlet = reader.outlet()
    put(outlet, *[b"x"] * 10_000)
    reader.let.release(2)
    outlet.close(5)
    assert sum(reader.skipped) + len(reader.taken) == 10_000
