import asyncio
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from adlwatch.domain.reading import Health
from adlwatch.domain.snapshot import Severity, Snapshot, SourceView
from adlwatch.engine.heartbeat import PART, STUCK_AFTER, Beat, Systemd, alive, sees
from tests.engine.fakes import START, FrozenClock, running
from tests.engine.receiver import receiving

UP = SourceView(id="a", kind="fake", health=Health.LIVE, age_seconds=1.0, error=None)
FINE = Snapshot(as_of=START, severity=Severity.CRITICAL, sources=(UP,))
STATUS = "STATUS=critical; 0 positions; 1 of 1 sources up"


def test_a_watcher_that_is_stuck_is_not_alive_and_one_that_is_blind_sees_nothing() -> None:
    blind, late = replace(FINE, severity=Severity.BLIND), START + STUCK_AFTER + timedelta(seconds=1)
    assert (alive(FINE, START), sees(FINE, START)) == (True, True)
    assert (alive(blind, START), sees(blind, START)) == (True, False)
    assert (alive(FINE, late), sees(FINE, late)) == (False, False)


class World:
    """A clock, the latest snapshot, and what was reported."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.latest = FINE
        self.frozen = False
        self.reports: list[tuple[str, str | None]] = []

    def snapshot(self) -> Snapshot:
        return self.latest if self.frozen else replace(self.latest, as_of=self.clock.now())

    def report(self, part: str, why: str | None) -> None:
        self.reports.append((part, why))


async def inline(work: Callable[[], None]) -> None:
    work()


def beat(world: World, every: float = 60.0) -> Beat:
    return Beat("env:BEAT", every, world.clock, inline)


@pytest.mark.asyncio
async def test_the_switch_is_told_as_long_as_all_is_well_and_not_while_blind_or_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    with receiving() as receiver:
        monkeypatch.setenv("BEAT", f"http://127.0.0.1:{receiver.port}/ping")
        async with running(beat(world).run(world.snapshot, world.report)):
            await world.clock.advance(120)
            assert [request.path for request in receiver.requests] == ["/ping"] * 3
            world.latest = replace(FINE, severity=Severity.BLIND)
            await world.clock.advance(300)
            assert len(receiver.requests) == 3
            world.latest = FINE
            await world.clock.advance(60)
            assert len(receiver.requests) == 4
            world.latest, world.frozen = world.snapshot(), True
            await world.clock.advance(300)
            assert len(receiver.requests) == 4
    assert set(world.reports) == {(PART, None)}


@pytest.mark.asyncio
async def test_a_switch_that_refuses_is_a_fault_and_is_tried_again_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    with receiving() as receiver:
        receiver.status = 500
        monkeypatch.setenv("BEAT", f"http://127.0.0.1:{receiver.port}/ping?token=abc")
        async with running(beat(world).run(world.snapshot, world.report)):
            await world.clock.advance(15)
            assert len(receiver.requests) == 2
            receiver.status = 200
            await world.clock.advance(15)
    assert world.reports == [(PART, "HTTP Error 500: Internal Server Error")] * 2 + [(PART, None)]


@pytest.mark.asyncio
async def test_a_switch_that_points_elsewhere_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    with receiving() as receiver, receiving() as elsewhere:
        receiver.status, receiver.location = 302, f"http://127.0.0.1:{elsewhere.port}/"
        monkeypatch.setenv("BEAT", f"http://127.0.0.1:{receiver.port}/ping")
        async with running(beat(world).run(world.snapshot, world.report)):
            pass
    assert elsewhere.requests == []
    assert str(world.reports[0][1]).startswith("HTTP Error 302")


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
async def test_only_http_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setenv("BEAT", url)
    async with running(beat(world).run(world.snapshot, world.report)):
        pass
    assert world.reports == [(PART, "expected an http or https URL")]


@pytest.fixture
def manager(tmp_path: Path) -> socket.socket:
    """The service manager's end of the socket."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.bind(str(tmp_path / "notify"))
    door.setblocking(False)
    return door


def said(door: socket.socket) -> list[str]:
    told = []
    while True:
        try:
            told.append(door.recv(4096).decode())
        except BlockingIOError:
            return told


@pytest.mark.asyncio
async def test_systemd_hears_twice_a_watchdog_time_that_we_live_and_in_the_end_that_we_stop(manager: socket.socket) -> None:
    world = World()
    systemd = Systemd({"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "30000000"})
    async with running(systemd.run(world.snapshot, world.clock)):
        await world.clock.advance(30)
        assert said(manager) == [f"READY=1\n{STATUS}", f"WATCHDOG=1\n{STATUS}", f"WATCHDOG=1\n{STATUS}"]
        world.latest, world.frozen = world.snapshot(), True
        await world.clock.advance(60)
        assert said(manager) == []
    assert said(manager) == ["STOPPING=1"]
    manager.close()


@pytest.mark.asyncio
async def test_we_are_not_ready_before_something_has_been_assessed(manager: socket.socket) -> None:
    world = World()
    world.latest = replace(FINE, sources=())
    async with running(Systemd({"NOTIFY_SOCKET": manager.getsockname()}).run(world.snapshot, world.clock)):
        await world.clock.advance(5)
        assert said(manager) == []
        world.latest = FINE
        await world.clock.advance(1)
        assert said(manager) == [f"READY=1\n{STATUS}"]
    manager.close()


@pytest.mark.asyncio
async def test_a_watchdog_that_is_somebody_elses_is_left_alone(manager: socket.socket) -> None:
    world = World()
    others = {"NOTIFY_SOCKET": manager.getsockname(), "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}
    async with running(Systemd(others).run(world.snapshot, world.clock)):
        await world.clock.advance(60)
    assert said(manager) == [f"READY=1\n{STATUS}", STATUS, STATUS, "STOPPING=1"]
    manager.close()


@pytest.mark.asyncio
async def test_without_a_service_manager_nobody_is_told() -> None:
    async with asyncio.timeout(1):
        await Systemd({}).run(lambda: FINE, FrozenClock())
    Systemd({"NOTIFY_SOCKET": "/nowhere/at/all"}).tell("READY=1")


def test_an_abstract_socket_is_reached_as_well() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind("\0adlwatch-test-notify")
        door.setblocking(False)
        Systemd({"NOTIFY_SOCKET": "@adlwatch-test-notify"}).tell("STOPPING=1")
        assert said(door) == ["STOPPING=1"]
