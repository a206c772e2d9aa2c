"""Positions, equity and spot legs: what one address has."""

import pytest

from adlwatch.adapters.base import BadPayload, Unsupported
from adlwatch.adapters.hyperliquid import HyperliquidOptions
from adlwatch.domain.model import MarginMode, Side
from tests.adapters.emulators.hyperliquid import ADDRESS, empty
from tests.adapters.hyperliquid.conftest import Desk
from tests.adapters.hyperliquid.rows import balance, market, markets, position, state

pytestmark = pytest.mark.asyncio
XYZ = {"name": "xyz", "fullName": "XYZ"}


async def test_the_documented_account_is_read_as_it_is(desk: Desk) -> None:
    reading = await desk.source().fetch()
    (position_,), (account,) = reading.positions, reading.accounts
    assert (position_.key, position_.venue, position_.side) == ("desk:ETH/USDC:USDC:long", "hyperliquid", Side.LONG)
    assert (position_.size, position_.entry_price, position_.leverage) == (0.0335, 2986.3, 20)
    assert position_.mark_price == pytest.approx(100.02765 / 0.0335)
    assert position_.margin_mode is MarginMode.ISOLATED
    assert position_.isolated_margin == pytest.approx(4.967826 + 0.0134)
    assert position_.maintenance_margin == pytest.approx(100.02765 / 100)
    assert position_.liquidation_price == 2866.26936529
    assert position_.as_of == reading.as_of
    assert reading.as_of.isoformat() == "2024-02-22T17:19:58.623000+00:00"
    assert (account.id, account.equity, account.wallet, account.maintenance_margin) == ("desk", 13104.514502, 13104.514502, 0.0)
    assert [(h.asset, h.amount) for h in reading.holdings] == [("PURR", 2000.0)]
    assert dict(position_.raw)["marginUsed"] == "4.967826"
    assert any("computed: notional / (2 × its maximum leverage)" in note for note in reading.notes)


async def test_a_short_cross_position_leans_on_the_account(desk: Desk) -> None:
    desk.venue.states[ADDRESS, ""] = state(position("kPEPE", -1000, 0.02, 0.015), equity=505.0, maintenance=0.3)
    reading = await desk.source().fetch()
    (short,), (account,) = reading.positions, reading.accounts
    assert (short.symbol, short.side, short.size) == ("kPEPE/USDC:USDC", Side.SHORT, 1000)
    assert (short.margin_mode, short.isolated_margin, short.liquidation_price) == (MarginMode.CROSS, None, None)
    assert (account.equity, account.maintenance_margin) == (505.0, 0.3)
    assert account.wallet == pytest.approx(500.0)


@pytest.mark.parametrize("price", ["0.0", "-5.0", None])
async def test_a_liquidation_price_that_is_none_is_unknown(desk: Desk, price: str | None) -> None:
    desk.venue.states[ADDRESS, ""] = state(position("BTC", 1, 100, 100, liquidationPx=price))
    assert (await desk.source().fetch()).positions[0].liquidation_price is None


async def test_a_unified_account_leans_on_its_spot_balance_not_on_the_perp_account_value(desk: Desk) -> None:
    desk.venue.mode = "unifiedAccount"
    isolated = position("SOL", 1, 100, 110, leverage={"type": "isolated", "value": 5, "rawUsd": "-80"}, marginUsed="30")
    desk.venue.states[ADDRESS, ""] = state(position("BTC", -0.1, 1000, 900), isolated, equity=25.9264, maintenance=4.5)
    desk.venue.spot = {"balances": [balance("USDC", 0, 977.58), balance("UBTC", 197, 0.1), balance("+92260", None, 5)]}
    reading = await desk.source().fetch()
    (account,) = reading.accounts
    assert account.equity == pytest.approx(977.58 - 30)
    assert account.wallet == pytest.approx(977.58 - 30 - 10)
    assert account.maintenance_margin == 4.5
    assert [(h.asset, h.amount, h.collateral) for h in reading.holdings] == [("UBTC", 0.1, False)]
    assert any("unified account: its equity is the spot balance" in note for note in reading.notes)


async def test_a_unified_account_shares_one_balance_per_token_over_all_dexs(desk: Desk) -> None:
    desk.venue.mode = "unifiedAccount"
    desk.venue.dexs = [None, XYZ, {"name": "km"}]
    desk.venue.markets |= {"xyz": markets(market("xyz:XYZ100", 200)), "km": markets(market("km:US500", 50), token=360)}
    desk.venue.tokens = {"tokens": [{"name": "USDC", "index": 0}, {"name": "USDH", "index": 360}]}
    desk.venue.states |= {
        (ADDRESS, ""): state(position("BTC", -0.1, 1000, 900), maintenance=2.0),
        (ADDRESS, "xyz"): state(position("xyz:XYZ100", 1, 190, 200), maintenance=3.0),
        (ADDRESS, "km"): state(position("km:US500", 2, 50, 50), maintenance=4.0),
    }
    desk.venue.spot = {"balances": [balance("USDC", 0, 500), balance("USDH", 360, 70)]}
    reading = await desk.source().fetch()
    assert [(a.id, a.equity, a.maintenance_margin) for a in reading.accounts] == [("desk", 500.0, 5.0), ("desk/USDH", 70.0, 4.0)]
    assert [(p.account, p.venue, p.symbol) for p in reading.positions] == [
        ("desk", "hyperliquid", "BTC/USDC:USDC"),
        ("desk", "hyperliquid-hip3", "xyz:XYZ100/USDC:USDC"),
        ("desk/USDH", "hyperliquid-hip3", "km:US500/USDH:USDH"),
    ]
    assert reading.holdings == ()


async def test_a_standard_account_has_a_margin_account_of_its_own_on_each_dex(desk: Desk) -> None:
    desk.venue.dexs = [None, XYZ, {"name": "idle"}]
    desk.venue.markets |= {"xyz": markets(market("xyz:XYZ100", 200))}
    desk.venue.states[ADDRESS, "xyz"] = state(position("xyz:XYZ100", 1, 190, 200), equity=77.0, maintenance=3.0)
    reading = await desk.source().fetch()
    assert [(a.id, a.venue, a.equity) for a in reading.accounts] == [
        ("desk", "hyperliquid", 13104.514502),
        ("desk/xyz", "hyperliquid-hip3", 77.0),
    ]
    assert reading.positions[1].account == "desk/xyz"
    assert {m.symbol: m.venue for m in reading.markets}["xyz:XYZ100/USDC:USDC"] == "hyperliquid-hip3"


async def test_an_unknown_unified_balance_stays_unknown(desk: Desk) -> None:
    desk.venue.mode = "unifiedAccount"
    desk.venue.spot = {"balances": []}
    (account,) = (await desk.source().fetch()).accounts
    assert (account.equity, account.wallet) == (None, None)


async def test_portfolio_margin_over_several_tokens_has_no_equity_we_know(desk: Desk) -> None:
    desk.venue.mode = "portfolioMargin"
    reading = await desk.source().fetch()
    assert (reading.accounts[0].equity, reading.accounts[0].portfolio_margin) == (None, True)
    assert reading.holdings[0].collateral
    assert any("equity behind the positions is unknown" in note for note in reading.notes)


async def test_a_mode_we_do_not_know_fails_because_it_decides_whose_equity_counts(desk: Desk) -> None:
    desk.venue.mode = "quantumAccount"
    with pytest.raises(BadPayload, match="userAbstraction: a mode we do not know: 'quantumAccount'"):
        await desk.source().fetch()


async def test_dust_rows_of_size_zero_are_no_positions(desk: Desk) -> None:
    desk.venue.states[ADDRESS, ""] = state(position("BTC", 0, 100, 100, entryPx=None), position("ETH", 1, 100, 100))
    assert [p.symbol for p in (await desk.source().fetch()).positions] == ["ETH/USDC:USDC"]


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ({**state(position("BTC", 1, 100, 100)), "assetPositions": []}, "positions are missing"),
        (state(position("BTC", 1, 100, 100), position("BTC", 2, 100, 100)), "a coin stands there twice"),
        (state(position("BTC", 1, 100, 100, entryPx=None)), "BTC: a position without entry price or value"),
        (state(position("BTC", 1, 100, 0)), "BTC: a position without entry price or value"),
        (state(position("BTC", 1, 100, 100, szi="1e-305")), "BTC: a position without entry price or value"),
        (state(position("BTC", 1, 100, 100, szi="NaN")), "Expected `float`"),
        (state(position("BTC", 1, 100, 100, szi="inf")), "Expected `float`"),
        ({k: v for k, v in empty().items() if k != "assetPositions"}, "missing required field `assetPositions`"),
        ({**empty(), "assetPositions": None}, "Expected `array`, got `null`"),
        ({**empty(), "time": 1708622398}, "Expected `int` >= 1500000000001"),
        ({"status": "err", "response": "User or API Wallet does not exist."}, "missing required field"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_broken_state_is_a_failure_and_never_flat(desk: Desk, broken: dict[str, object], line: str) -> None:
    desk.venue.states[ADDRESS, ""] = broken
    with pytest.raises(BadPayload) as error:
        await desk.source().fetch()
    assert line in str(error.value)
    assert str(error.value).startswith("clearinghouseState: ")


async def test_a_clock_that_differs_from_the_venues_is_noted(desk: Desk) -> None:
    source = desk.source()
    assert not any("differs" in note for note in (await source.fetch()).notes)
    notes = (await desk.after(60, source)).notes
    assert any("differs by 61 s from this machine's" in note for note in notes)


async def test_nothing_at_all_at_an_address_is_pointed_out(desk: Desk) -> None:
    desk.venue.states.clear()
    desk.venue.spot = {"balances": []}
    source = desk.source()
    for seconds in (0, 5, 3600):
        assert any("is it the right one?" in note for note in (await desk.after(seconds, source)).notes)
        assert desk.venue.count("userRole") == (seconds == 0)


async def test_an_api_wallet_is_refused_because_it_would_always_look_flat(desk: Desk) -> None:
    desk.venue.states.clear()
    desk.venue.spot = {"balances": []}
    desk.venue.role = {"role": "agent", "data": {"user": ADDRESS}}
    with pytest.raises(Unsupported, match=f"an API wallet, which holds nothing itself: watch {ADDRESS}"):
        await desk.source().fetch()


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("0x" + "ab" * 32, "looks like a private key"),
        ("ab" * 32, "looks like a private key"),
        ("0x123", "must be a public address"),
    ],
)
async def test_only_a_public_address_is_taken_and_a_key_is_not_echoed(address: str, line: str) -> None:
    with pytest.raises(ValueError, match=line) as error:
        HyperliquidOptions(address=address)
    assert address not in str(error.value)
