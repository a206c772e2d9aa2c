"""The cases that every server on the loopback interface shows alike, and a harness for adapters that need no key."""

from collections.abc import Callable

from adlwatch.adapters.base import Adapter
from adlwatch.adapters.keyless import Shared
from tests.adapters.conformance.harness import RETRY_AFTER, Case, Harness
from tests.adapters.emulators.server import CUT, HANG, HTML, NOTHING, NULL, OVERSIZE, SERVER_ERROR, Fault, Server

FAULTS = {
    Case.RATE_LIMITED: {"*": Fault(status=429, headers={"Retry-After": f"{RETRY_AFTER:g}"})},
    Case.SERVER_ERROR: {"*": SERVER_ERROR},
    Case.TIMEOUT: {"*": HANG},
    Case.HANG: {"*": HANG},
    Case.TRUNCATED: {"*": CUT},
    Case.HTML: {"*": HTML},
    Case.NULL: {"*": NULL},
    Case.EMPTY_BODY: {"*": NOTHING},
    Case.OVERSIZE: {"*": OVERSIZE},
    Case.REDIRECT: {"*": Fault(status=307, headers={"Location": "/elsewhere"})},
}


def keyless(venue: Server, adapter: Adapter, common: Shared, behave: Callable[[Case], None]) -> Harness:
    """`behave` makes the emulated venue answer as a case says, apart from those in `FAULTS`."""

    def show(case: Case) -> None:
        venue.faults = FAULTS.get(case, {})
        behave(case)
        common.http._timeout = 0.02 if case is Case.TIMEOUT else 30.0

    def forgive() -> None:
        common.http.limiter._banned_until = 0.0

    return Harness(
        adapter,
        show,
        not_applicable={Case.REFUSED: "it is read by public address: there are no credentials"},
        waiting=venue.hanging,
        forgive=forgive,
        # Counted where a request leaves: one that was under way beside the refused one may arrive at any later moment.
        asked=lambda: round(common.http.limiter.used()),
        led_astray=lambda: venue.redirected,
    )
