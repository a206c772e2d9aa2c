"""Every way a venue can fail, through the real client: what is raised, what is said, and that nothing secret is in it."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from adlwatch.adapters.base import BadPayload, RateLimited, Refused, Retry, SourceError, Unsupported
from adlwatch.adapters.ccxt.venue import KeyPermissions

pytest.importorskip("ccxt", reason="ccxt is not installed (pip install adlwatch[ccxt])")

if TYPE_CHECKING:
    from tests.adapters.ccxt.conftest import Asked, Bench, Emulator

SECRETS = ("emulated-key", "emulated-secret", "signature=", "emulated-password")
RISK = "/fapi/v3/positionRisk"
BROKEN = [
    (b"", "empty"),
    (b"  \n", "empty"),
    (b"null", "Expected `array`"),
    (b"{}", "Expected `array`"),
    (b'{"rows": []}', "Expected `array`"),
    (b"<html><body>maintenance</body></html>", "web page"),
    (b'[{"symbol": "BTCUSDT", "positionAmt": "1", "entry', "Input data was truncated"),
    (b'[{"positionAmt": "1", "entryPrice": "1"}]', "symbol"),
    (b'[{"symbol": "BTCUSDT", "positionAmt": "", "entryPrice": "1"}]', "positionAmt"),
    (b'[{"symbol": "BTCUSDT", "positionAmt": "NaN", "entryPrice": "1"}]', "positionAmt of BTCUSDT"),
    (b'"maintenance"', "Expected `array`"),
]


def routes(emulator: "Emulator") -> None:
    emulator.routes = {
        "/fapi/v1/time": lambda _: {"serverTime": emulator.now_ms()},
        "/sapi/v1/account/apiRestrictions": {"enableReading": True},
        "/fapi/v3/account": {"totalMarginBalance": "1", "totalWalletBalance": "1", "totalMaintMargin": "0"},
        RISK: [],
        "/fapi/v3/balance": [],
        "/fapi/v1/symbolConfig": [],
        "/fapi/v1/forceOrders": [],
        "/fapi/v1/fundingInfo": [],
        "/fapi/v1/premiumIndex": [],
        "/fapi/v1/symbolAdlRisk": [],
        "/fapi/v1/insuranceBalance": [],
    }


async def failure(bench: "Bench", source: str = "acc", **options: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        await bench.adapter("binance", source=source, lines=("usdm",), **options).fetch()
    text = str(caught.value)
    assert not any(secret in text for secret in SECRETS), text
    assert "\n" not in text
    assert len(text) < 300
    return caught.value


@pytest.mark.asyncio
async def test_an_empty_account_is_flat_without_notes(bench: "Bench") -> None:
    routes(bench.emulator)
    reading = await bench.adapter("binance", lines=("usdm",)).fetch()
    assert (reading.positions, reading.notes) == ((), ())
    assert reading.accounts[0].equity == 1.0


@pytest.mark.asyncio
@pytest.mark.parametrize(("body", "said"), BROKEN)
async def test_a_broken_reply_with_status_200_is_never_flat(bench: "Bench", body: bytes, said: str) -> None:
    routes(bench.emulator)
    bench.emulator.fail(RISK, body=body)
    error = await failure(bench)
    assert isinstance(error, BadPayload)
    assert said in str(error)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("how", "kind"),
    [
        ({"status": 500}, Retry),
        ({"status": 503, "body": b"<html>https://x.test/?signature=abc</html>"}, Retry),
        ({"status": 504}, Retry),
        ({"drop": True}, Retry),
        ({"status": 401, "body": b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'}, Refused),
        ({"status": 400, "body": b'{"code":-2014,"msg":"API-key format invalid."}'}, Refused),
        ({"status": 400, "body": b'{"code":-1022,"msg":"Signature for this request is not valid."}'}, Refused),
        ({"body": b'{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}'}, Refused),
        ({"status": 429, "body": b'{"code":-9999,"msg":"something unheard of"}'}, RateLimited),
        ({"status": 429, "body": b"<html>slow down</html>"}, RateLimited),
        ({"status": 418}, RateLimited),
        ({"status": 403, "body": b"<html>WAF</html>"}, RateLimited),
        ({"status": 451, "body": b"{}"}, Unsupported),
        ({"status": 302, "headers": {"Location": "https://evil.test/"}}, BadPayload),
    ],
)
async def test_failures_are_sorted_by_what_to_do_next(bench: "Bench", how: dict[str, Any], kind: type[SourceError]) -> None:
    routes(bench.emulator)
    bench.emulator.fail(RISK, **how)
    assert type(await failure(bench)) in {kind, *kind.__subclasses__()}


@pytest.mark.asyncio
async def test_a_silent_venue_is_given_up_after_the_timeout(bench: "Bench") -> None:
    routes(bench.emulator)
    bench.emulator.fail(RISK, hang=True)
    error = await failure(bench, request_timeout=0.05)
    assert isinstance(error, Retry)
    assert "no answer within 0.05 s" in str(error)


@pytest.mark.asyncio
async def test_a_ban_is_honoured_by_every_account_of_the_venue(bench: "Bench") -> None:
    routes(bench.emulator)
    bench.emulator.fail(RISK, status=418, headers={"Retry-After": "120"})
    assert (await failure(bench)).retry_after == 120
    asked = len(bench.emulator.asked)
    error = await failure(bench, source="second")
    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert 100 < error.retry_after <= 120
    assert len(bench.emulator.asked) == asked


@pytest.mark.asyncio
@pytest.mark.parametrize("ahead", [-120.0, 45.0])
async def test_a_skewed_clock_is_measured_and_corrected(bench: "Bench", ahead: float) -> None:
    routes(bench.emulator)
    bench.emulator.ahead = ahead
    bench.emulator.check = stamped
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    assert adapter.clock_ahead == pytest.approx(ahead, abs=0.5)


@pytest.mark.asyncio
async def test_a_clock_that_jumps_is_measured_again_at_once(bench: "Bench") -> None:
    routes(bench.emulator)
    bench.emulator.check = stamped
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.emulator.ahead = 60.0
    await adapter.fetch()
    assert adapter.clock_ahead == pytest.approx(60, abs=0.5)


@pytest.mark.asyncio
async def test_the_clock_is_measured_every_ten_minutes(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = bench.adapter("binance", lines=("usdm",))
    for minutes in (0, 5, 11):
        bench.ahead = minutes * 60
        await adapter.fetch()
    assert bench.emulator.paths().count("/fapi/v1/time") == 2


def stamped(emulator: "Emulator", asked: "Asked") -> tuple[int, Any] | None:
    late = emulator.now_ms() - int(asked.params.get("timestamp", emulator.now_ms()))
    return None if -1000 <= late <= 10_000 else (400, {"code": -1021, "msg": "Timestamp is outside of the recvWindow."})


@pytest.mark.asyncio
async def test_a_part_that_fails_keeps_what_it_last_brought_and_says_so(bench: "Bench") -> None:
    routes(bench.emulator)
    insured = [{"symbols": ["BTCUSDT"], "assets": [{"asset": "USDT", "marginBalance": "5", "updateTime": 1745366402000}]}]
    bench.emulator.routes["/fapi/v1/insuranceBalance"] = insured
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.emulator.fail("/fapi/v1/insuranceBalance", status=500)
    bench.ahead = 400
    reading = await adapter.fetch()
    assert reading.pools[0].balance == 5.0
    assert reading.notes == ("insurance: binance GET fapiPublic/insuranceBalance: HTTP 500",)
    bench.emulator.faults.clear()
    assert (await adapter.fetch()).notes == ()


@pytest.mark.asyncio
async def test_a_cancelled_fetch_leaves_the_adapter_usable(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.emulator.fail(RISK, hang=True)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(adapter.fetch(), 0.05)
    bench.emulator.faults.clear()
    assert (await adapter.fetch()).accounts[0].equity == 1.0


@pytest.mark.asyncio
async def test_a_closed_adapter_closes_again_and_can_be_used_again(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    await adapter.close()
    await adapter.close()
    await adapter.fetch()


@pytest.mark.asyncio
async def test_a_missing_secret_names_its_reference_not_itself(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    routes(bench.emulator)
    monkeypatch.delenv("EMULATED_SECRET")
    error = await failure(bench)
    assert isinstance(error, Refused)
    assert "EMULATED_SECRET" in str(error)


@pytest.mark.asyncio
async def test_a_line_the_venue_has_not_is_named_with_the_nearest(bench: "Bench") -> None:
    with pytest.raises(Unsupported, match='has no line "usdmm"; did you mean "usdm"'):
        bench.adapter("binance", lines=("usdmm",))


@pytest.mark.asyncio
async def test_accounts_share_public_replies_but_never_private_ones(bench: "Bench") -> None:
    routes(bench.emulator)
    for source in ("one", "two", "three"):
        await bench.adapter("binance", source=source, lines=("usdm",)).fetch()
    assert bench.emulator.paths().count("/fapi/v1/symbolAdlRisk") == 1
    assert bench.emulator.paths().count(RISK) == 3


@pytest.mark.asyncio
async def test_what_can_wait_leaves_the_budget_to_positions(bench: "Bench") -> None:
    routes(bench.emulator)
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.shared["ccxt.meters.binance"].limiters["binance fapi"].charge(1000)
    bench.emulator.asked.clear()
    bench.ahead = 310
    reading = await adapter.fetch()
    assert "/fapi/v1/insuranceBalance" not in bench.emulator.paths()
    assert RISK in bench.emulator.paths()
    assert not any(note.startswith("insurance") for note in reading.notes)
    bench.ahead = 2000
    later = await adapter.fetch()
    assert "insurance: binance fapi: the request budget is left for positions" in later.notes


@pytest.mark.asyncio
async def test_what_shrank_is_asked_about_until_it_is_explained(bench: "Bench") -> None:
    routes(bench.emulator)
    row = {"symbol": "BTCUSDT", "positionAmt": "2", "entryPrice": "1", "markPrice": "1", "adl": 1}
    bench.emulator.routes |= {RISK: [row], "/fapi/v1/userTrades": []}
    adapter = bench.adapter("binance", lines=("usdm",))
    await adapter.fetch()
    bench.emulator.routes[RISK] = [{**row, "positionAmt": "1"}]
    bench.emulator.fail("/fapi/v1/userTrades", status=500)
    await adapter.fetch()
    bench.emulator.faults.clear()
    bench.emulator.asked.clear()
    await adapter.fetch()
    assert "/fapi/v1/userTrades" in bench.emulator.paths()
    bench.emulator.asked.clear()
    await adapter.fetch()
    assert "/fapi/v1/userTrades" not in bench.emulator.paths()


@pytest.mark.asyncio
async def test_a_fill_belongs_to_the_margin_pool_of_its_position(bench: "Bench") -> None:
    row = {"symbol": "BTCUSD_PERP", "positionAmt": "2", "entryPrice": "1", "markPrice": "1", "marginType": "cross"}
    trade = {"symbol": "BTCUSD_PERP", "id": 1, "orderId": 2, "side": "SELL", "price": "1", "qty": "1", "realizedPnl": "1",
             "time": 1, "positionSide": "BOTH", "commission": "0", "commissionAsset": "BTC"}  # fmt: skip
    bench.emulator.routes = {
        "/fapi/v1/time": lambda _: {"serverTime": bench.emulator.now_ms()},
        "/sapi/v1/account/apiRestrictions": {"enableReading": True, "enableWithdrawals": False, "enableFutures": False},
        "/dapi/v1/exchangeInfo": {"symbols": [{"symbol": "BTCUSD_PERP", "contractSize": 100}]},
        "/dapi/v1/account": {"assets": [], "positions": []},
        "/dapi/v1/positionRisk": [row],
        "/dapi/v1/adlQuantile": [],
        "/dapi/v1/forceOrders": [],
        "/dapi/v1/userTrades": [trade],
    }
    adapter = bench.adapter("binance", lines=("coinm",))
    await adapter.fetch()
    bench.emulator.routes["/dapi/v1/positionRisk"] = []
    (fill,) = (await adapter.fetch()).fills
    assert (fill.account, fill.symbol, fill.size) == ("acc/BTC", "BTC/USD:BTC", 100.0)


@pytest.mark.parametrize(
    ("known", "more"),
    [
        (KeyPermissions(), None),
        (KeyPermissions(withdraw=False), None),
        (KeyPermissions(trade=False), None),
        (KeyPermissions(withdraw=True), True),
        (KeyPermissions(trade=True), True),
        (KeyPermissions(trade=False, withdraw=False), False),
    ],
)
def test_half_an_answer_about_a_key_is_no_clearance(known: KeyPermissions, more: object) -> None:
    assert known.more_than_reads is more
