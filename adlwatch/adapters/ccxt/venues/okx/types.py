"""OKX v5 replies as OKX writes them: https://www.okx.com/docs-v5/en/. Every number is a quoted one or "" where unknown."""

from typing import Generic, TypeVar

from msgspec import field

from adlwatch.adapters.ccxt.decode import Camel, Num

T = TypeVar("T")


class Reply(Camel, Generic[T]):
    """Around every reply."""

    code: str
    data: list[T]


class PositionRow(Camel):
    """account/positions; `pos` counts contracts, signed in net mode."""

    inst_id: str
    inst_type: str
    pos: Num
    avg_px: Num
    pos_side: str = "net"
    mgn_mode: str = ""
    ccy: str = ""
    mark_px: Num = None
    liq_px: Num = None
    lever: Num = None
    margin: Num = None
    imr: Num = None
    mmr: Num = None
    mgn_ratio: Num = None
    upl: Num = None
    upl_ratio: Num = None
    notional_usd: Num = None
    adl: Num = None
    u_time: Num = None


class Detail(Camel):
    """One currency of the trading account."""

    ccy: str
    cash_bal: Num
    eq: Num = None
    eq_usd: Num = None
    upl: Num = None
    mmr: Num = None


class Balance(Camel):
    """account/balance; account-wide margin numbers exist in multi-currency and portfolio margin mode only."""

    total_eq: Num
    details: list[Detail]
    adj_eq: Num = None
    mmr: Num = None
    upl: Num = None


class Config(Camel):
    """account/config: account level 1 spot, 2 futures, 3 multi-currency, 4 portfolio margin; permissions of this key."""

    acct_lv: str
    perm: str = ""
    pos_mode: str = ""
    stgy_type: str | None = None
    """"1" is delta neutral strategy mode."""


class Funding(Camel):
    """asset/balances: the funding account."""

    ccy: str
    bal: Num


class Sub(Camel):
    """users/subaccount/list: one sub-account; a frozen one is not enabled."""

    sub_acct: str
    enable: bool = True


class Instrument(Camel):
    """public/instruments: what a contract stands for."""

    inst_id: str
    ct_val: Num
    ct_type: str
    settle_ccy: str
    inst_family: str = ""
    ct_mult: Num = None
    state: str = ""


class Mark(Camel):
    """public/mark-price."""

    inst_id: str
    mark_px: Num
    ts: Num = None


class Rate(Camel):
    """public/funding-rate."""

    inst_id: str
    funding_rate: Num
    funding_time: Num = None
    next_funding_time: Num = None


class Interest(Camel):
    """public/open-interest; `oiCcy` is in coins, linear or inverse."""

    inst_id: str
    oi_ccy: Num
    ts: Num = None


class Ticker(Camel):
    """market/tickers; `volCcy24h` is in coins."""

    inst_id: str
    vol_ccy24h: Num = field(name="volCcy24h", default=None)


class Index(Camel):
    """market/index-tickers."""

    inst_id: str
    idx_px: Num


class Depth(Camel):
    """market/books: price, contracts, (deprecated), orders."""

    asks: list[list[Num]]
    bids: list[list[Num]]
    ts: Num = None


class Tier(Camel):
    """public/position-tiers."""

    tier: Num
    mmr: Num


class Fund(Camel):
    """public/insurance-fund of one instrument family; `total` in USD."""

    total: Num
    inst_family: str = ""


class Fill(Camel):
    """trade/fills; `subType` says what it was."""

    inst_id: str
    trade_id: str
    side: str
    fill_px: Num
    fill_sz: Num
    ts: Num
    bill_id: str = ""
    pos_side: str = "net"
    sub_type: str = ""
    fill_pnl: Num = None
    fill_mark_px: Num = None
    fee: Num = None
    fee_ccy: str = ""
