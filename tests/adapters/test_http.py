import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import msgspec
import pytest
import pytest_asyncio

from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry, SourceError
from adlwatch.adapters.http import Call, Http, decode, proxy, retry_after
from adlwatch.adapters.limiter import Limiter
from tests.adapters.emulators.server import Fault, Server

CALL = Call("thing", msgspec.json.Decoder(dict[str, int]), method="POST", path="/info", body={"type": "thing"})


class Venue:
    def __init__(self, server: Server, *, keyless: bool = False) -> None:
        self.server = server
        self.limiter = Limiter("venue", 1000)
        self.http = Http(server.url, self.limiter, keyless=keyless, max_bytes=1000)

    async def asked(self, fault: Fault) -> dict[str, int]:
        self.server.faults = {"*": fault}
        return await self.http.call(CALL)


@pytest_asyncio.fixture
async def venue() -> AsyncIterator[Venue]:
    async with Server(lambda _: {"a": 1}).serve("/info") as server:
        made = Venue(server)
        yield made
        await made.http.close()


@pytest.mark.asyncio
async def test_a_reply_becomes_its_type_and_costs_its_weight(venue: Venue) -> None:
    assert await venue.http.call(CALL) == {"a": 1}
    assert venue.limiter.used() == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("fault", "error", "line"),
    [
        (Fault(500, b"oops"), Retry, "thing: HTTP 500: oops"),
        (Fault(503, b"<html>", {"Retry-After": "3"}), Retry, "thing: HTTP 503"),
        (Fault(408), Retry, "thing: HTTP 408"),
        (Fault(401, b'{"msg": "bad key"}'), Refused, 'thing: HTTP 401: {"msg": "bad key"}'),
        (Fault(403), Refused, "thing: HTTP 403"),
        (Fault(422, b"Failed to\n deserialize"), BadPayload, "thing: HTTP 422: Failed to deserialize"),
        (Fault(302, headers={"Location": "/elsewhere"}), BadPayload, "thing: HTTP 302: a redirect, which is never followed"),
        (Fault(200, b"[1]"), BadPayload, "thing: Expected `object`, got `array`"),
        (Fault(200, b'{"a": "x"}'), BadPayload, "thing: Expected `int`, got `str` - at `$[...]`"),
        (Fault(200, b"  <html>"), BadPayload, "thing: a web page instead of JSON"),
        (Fault(200, b" \n "), BadPayload, "thing: an empty reply"),
        (Fault(200, b'{"a": 1'), BadPayload, "thing: Input data was truncated"),
        (Fault(200, b" " * 2000), BadPayload, "thing: the reply is larger than 0.000953674 MiB"),
        (Fault(200, b"{", cut=True), BadPayload, "thing: the reply broke off"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_every_bad_answer_is_one_line_of_its_kind(venue: Venue, fault: Fault, error: type[SourceError], line: str) -> None:
    with pytest.raises(SourceError) as raised:
        await venue.asked(fault)
    assert type(raised.value) is error
    assert str(raised.value) == line
    assert venue.server.redirected == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(("status", "wait"), [(429, 10.0), (418, 120.0)])
async def test_a_ban_without_a_time_gets_one_and_holds_for_the_whole_scope(venue: Venue, status: int, wait: float) -> None:
    with pytest.raises(RateLimited) as raised:
        await venue.asked(Fault(status))
    assert raised.value.retry_after == wait
    other = Http(venue.server.url, venue.limiter)
    with pytest.raises(RateLimited, match="asked us to wait"):
        await other.call(CALL)
    assert len(venue.server.asked) == 1


@pytest.mark.asyncio
async def test_without_a_key_a_403_is_a_ban_of_our_address(venue: Venue) -> None:
    keyless = Venue(venue.server, keyless=True)
    with pytest.raises(RateLimited) as raised:
        await keyless.asked(Fault(403))
    assert raised.value.retry_after == 60
    await keyless.http.close()


@pytest.mark.asyncio
async def test_a_closed_port_is_worth_a_retry_and_the_line_holds_no_query() -> None:
    http = Http("http://127.0.0.1:9", Limiter("venue", 100))
    with pytest.raises(Retry) as raised:
        await http.call(Call("thing", CALL.decoder, params={"signature": "verysecretvalue"}))
    await http.close()
    assert "thing: " in str(raised.value)
    assert "verysecretvalue" not in str(raised.value)


@pytest.mark.asyncio
async def test_a_closed_client_opens_again(venue: Venue) -> None:
    await venue.http.call(CALL)
    await venue.http.close()
    await venue.http.close()
    assert await venue.http.call(CALL) == {"a": 1}


def test_the_environments_proxy_is_used_except_where_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.lan:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1,quiet.example")
    assert proxy("https://api.hyperliquid.xyz/info") == "http://proxy.lan:3128"
    assert proxy("https://quiet.example") is None
    assert proxy("http://127.0.0.1:9") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1e9", 86400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()) == seconds


def test_decoding_never_raises_anything_but_bad_payload() -> None:
    decoder = msgspec.json.Decoder(dict[str, int])
    for body in (b"", b"\xff", b"[" * 100_000, b'{"\xff": 1}', b"nul", b"{}x"):
        with pytest.raises(BadPayload):
            decode("thing", body, decoder)


def test_the_network_library_is_not_imported_before_the_first_request() -> None:
    code = "import sys; import adlwatch.adapters.hyperliquid, adlwatch.adapters.book; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 -- our own interpreter
