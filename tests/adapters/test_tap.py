from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from adlwatch.adapters.ccxt.door import Door
from adlwatch.adapters.http import TAP, Call, Http
from adlwatch.adapters.limiter import Limiter
from adlwatch.cli.record import Recording
from adlwatch.credentials import HIDDEN, Secret
from adlwatch.domain.recording import Raw, encode
from adlwatch.store.journal import Journal
from tests.adapters.emulators.server import Server

pytestmark = pytest.mark.asyncio
SECRET = Secret("hush-do-not-tell")


async def test_a_recording_has_raw_replies_of_both_ways_out_without_secrets(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "r.gz")
    told: list[Raw] = []
    journal.write = lambda line: told.append(line) if isinstance(line, Raw) else None  # type: ignore[method-assign]  # listens
    token = TAP.set(Recording(journal, timedelta(1)).reply)
    try:
        async with Server(lambda _: {"key": SECRET.reveal()}).serve("/info") as server:
            http = Http(server.url, Limiter("venue", 1000))
            await http.call(
                Call("thing", msgspec.json.Decoder(dict[str, str]), method="POST", path="/info", body={"type": "thing"})
            )
            door = Door(5.0, lambda url: url.replace("https://venue.example", server.url))
            await door("https://venue.example/info?signature=abc", "POST", {}, b'{"type": "thing"}')
            await http.close()
            await door.close()
    finally:
        TAP.reset(token)
        journal.close()
    assert [(raw.scope, raw.name, raw.status) for raw in told] == [("venue", "thing", 200), ("venue.example", "POST /info", 200)]
    assert all(HIDDEN in raw.body for raw in told)
    assert not any(word in encode(raw).decode() for raw in told for word in (SECRET.reveal(), "signature"))
