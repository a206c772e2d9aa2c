"""The mock's burst at the size of 10 October 2025: 11,279 ADL fills in one second, held against what its world knows."""

from collections import Counter
from random import Random

import pytest

from adlwatch.adapters.mock import VENUES, Options, session
from adlwatch.adapters.mock.adapter import MockAdapter
from adlwatch.domain.alert import Change, Transition
from adlwatch.domain.settings import Settings
from adlwatch.domain.snapshot import Snapshot
from adlwatch.engine.engine import SHORTEST, Engine
from adlwatch.venues import profiles
from tests.engine.fakes import FrozenClock, inline, running

FILLS = 11_279
BEFORE, AFTER = 13.0, 22.0  # the gap comes at 15 s


@pytest.mark.asyncio
async def test_a_burst_is_one_incident_and_one_alert_an_account_with_nothing_lost_and_told_within_a_second() -> None:
    clock = FrozenClock()
    story = session(Options(scenario="burst", fills=FILLS), clock.now)
    world = story.build()
    story.jump(BEFORE)
    sources = [MockAdapter(venue, story, venue, frozenset()) for venue in VENUES]
    engine = Engine(sources, Settings(profiles=profiles()), clock, random=Random(1), offload=inline)
    seen: list[Snapshot] = []
    told: list[Transition] = []
    engine.subscribe(seen.append)
    engine.on_transition(told.append)
    async with running(engine.run()):
        await clock.advance(AFTER - BEFORE)

    mine = [fill for fill in world.you.fills if fill.kind in ("adl", "liquidation")]
    fills = Counter(fill.account for fill in mine)
    sizes = {account: sum(fill.size for fill in mine if fill.account == account) for account in fills}
    assert fills.total() > FILLS * 0.8
    last = seen[-1].incidents
    assert sorted(incident.account for incident in last) == sorted(fills)
    for incident in last:
        assert incident.fills == fills[incident.account]
        assert sum(leg.lost_units for leg in incident.legs) == pytest.approx(sizes[incident.account])
        assert sum(leg.unexplained_units for leg in incident.legs) == 0
    shown = next(snapshot.as_of for snapshot in seen if snapshot.incidents)
    hit = min(incident.opened_at for incident in last)
    assert (shown - hit).total_seconds() <= sources[0].interval + SHORTEST
    raised = [each for each in told if each.alert.rule == "incident" and each.change is Change.RAISED]
    assert sorted(each.alert.account for each in raised) == sorted(fills)
    assert min(each.at for each in raised) == shown
