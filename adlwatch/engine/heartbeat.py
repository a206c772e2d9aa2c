"""Signs of life: a dead man's switch on the network, and systemd's watchdog. Both fall silent when the engine is stuck."""

import logging
import os
import socket
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from adlwatch.credentials import CredentialError, Secret, redact, resolve
from adlwatch.domain.snapshot import Severity, Snapshot
from adlwatch.engine.clock import Clock
from adlwatch.engine.engine import LONGEST
from adlwatch.engine.outbox import Report

logger = logging.getLogger(__name__)

STUCK_AFTER = timedelta(seconds=10 * LONGEST)
"""Older than this, the last assessment shows that assessing has stopped."""
SECONDS = 10.0
PART = "heartbeat"
_RETRY = 15.0
_LOOK = 0.1
"""Seconds between two looks whether something has been assessed."""
_STATUS = 30.0
"""Seconds between two words on how it stands, where no watchdog asks for more."""


def alive(snapshot: Snapshot, now: datetime) -> bool:
    """Whether the engine still assesses."""
    return now - snapshot.as_of <= STUCK_AFTER


def sees(snapshot: Snapshot, now: datetime) -> bool:
    """Whether it also sees something: a watcher that is blind must not be taken for one that watches."""
    return alive(snapshot, now) and snapshot.severity is not Severity.BLIND


class Beat:
    """Asks for a URL every `every` seconds while all is well, so that somebody else notices when it is not.

    `reference`: of the URL, which is a secret: who knows it can keep the switch quiet.
    """

    def __init__(self, reference: str, every: float, clock: Clock, offload: Callable[[Callable[[], None]], Any]) -> None:
        self._reference, self._every, self._clock, self._offload = reference, every, clock, offload
        self._url: Secret | None = None

    async def run(self, latest: Callable[[], Snapshot], report: Report) -> None:
        """Until cancelled. A switch that cannot be reached is a fault, and tried again sooner."""
        while True:
            wait = self._every
            if sees(latest(), self._clock.now()):
                try:
                    await self._offload(self._ask)
                    report(PART, None)
                except (OSError, CredentialError, ValueError) as error:
                    why = " ".join(redact(str(error)).split())
                    logger.warning("%s: %s", PART, why)
                    report(PART, why)
                    wait = min(wait, _RETRY)
            await self._clock.sleep(wait)

    def _ask(self) -> None:
        """Raises `OSError`, `ValueError` or `CredentialError`."""
        if self._url is None:
            self._url = resolve(self._reference)
        address = self._url.reveal()
        if not address.startswith(("https://", "http://")):
            raise ValueError("expected an http or https URL")
        with _OPENER.open(address, timeout=SECONDS) as answer:
            answer.read(1)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is asked for elsewhere than where the user said is not what the user said."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow none: it becomes an `HTTPError`."""


_OPENER = urllib.request.build_opener(_NoRedirect)


class Systemd:
    """Tells the service manager that named a socket in `NOTIFY_SOCKET`; nobody where there is none (sd_notify(3))."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        environment = dict(os.environ) if environment is None else environment
        self._address = environment.get("NOTIFY_SOCKET", "")
        ours = environment.get("WATCHDOG_PID") in (None, str(os.getpid()))
        self._every = int(environment.get("WATCHDOG_USEC", "0")) / 2e6 if ours else 0.0

    async def run(self, latest: Callable[[], Snapshot], clock: Clock) -> None:
        """Say that we are ready once something has been assessed, then that we are alive, twice as often as asked for.

        Until cancelled: then, that we are stopping.
        """
        if not self._address:
            return
        while not latest().sources:
            await clock.sleep(_LOOK)
        self.tell("READY=1", f"STATUS={_status(latest())}")
        try:
            while True:
                await clock.sleep(self._every or _STATUS)
                if alive(latest(), clock.now()):
                    self.tell(*(["WATCHDOG=1"] if self._every else []), f"STATUS={_status(latest())}")
        finally:
            self.tell("STOPPING=1")

    def tell(self, *lines: str) -> None:
        """One datagram; a service manager that does not take it is not waited for."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as door:
                door.setblocking(False)
                door.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            logger.debug("the service manager was not reached: %s", error)


def _status(snapshot: Snapshot) -> str:
    up = sum(not source.health.blind for source in snapshot.sources)
    return f"{snapshot.severity}; {len(snapshot.positions)} positions; {up} of {len(snapshot.sources)} sources up"
