"""Binance's replies as Binance writes them: https://developers.binance.com/docs/derivatives."""

from adlwatch.adapters.ccxt.decode import Camel, Float, Num


class RiskRow(Camel, gc=False):
    """A row of positionRisk: USD-M v3, COIN-M v1, and both of portfolio margin. Fields one of them lacks stay None."""

    symbol: str
    position_amt: Float
    entry_price: Float
    position_side: str = "BOTH"
    mark_price: Float = None
    un_realized_profit: Float = None
    liquidation_price: Float = None
    leverage: Float = None
    margin_type: str | None = None
    isolated_margin: Float = None
    isolated_wallet: Float = None
    maint_margin: Float = None
    adl: Float = None


class UsdmAccount(Camel):
    """/fapi/v3/account: totals in USD."""

    total_margin_balance: Num
    total_wallet_balance: Num
    total_maint_margin: Num


class CoinAsset(Camel):
    """One coin of /dapi/v1/account: its own margin pool."""

    asset: str
    wallet_balance: Num
    margin_balance: Num
    maint_margin: Num = None


class CoinPosition(Camel):
    """A position of /dapi/v1/account, which knows the maintenance margin that positionRisk lacks."""

    symbol: str
    position_side: str = "BOTH"
    maint_margin: Num = None


class CoinmAccount(Camel):
    """/dapi/v1/account."""

    assets: list[CoinAsset]
    positions: list[CoinPosition]


class PmAccount(Camel):
    """/papi/v1/account: one equity behind everything."""

    account_equity: Num
    account_maint_margin: Num


class PmBalance(Camel):
    """/papi/v1/balance: one coin of a portfolio margin account."""

    asset: str
    total_wallet_balance: Num


class SpotBalance(Camel):
    """One coin of the spot account."""

    asset: str
    free: Num
    locked: Num = None


class SpotAccount(Camel):
    """/api/v3/account."""

    balances: list[SpotBalance]


class MarginAsset(Camel):
    """One coin of the cross margin account; netAsset is after borrowing and interest."""

    asset: str
    net_asset: Num


class MarginAccount(Camel):
    """/sapi/v1/margin/account."""

    user_assets: list[MarginAsset]


class FuturesBalance(Camel):
    """One coin of a futures wallet, which serves as collateral."""

    asset: str
    balance: Num


class Quantile(Camel):
    """adlQuantile: per position side, 0..4; HEDGE is a flag, never a value."""

    symbol: str
    adl_quantile: dict[str, Num]


class SymbolConfig(Camel):
    """/fapi/v1/symbolConfig."""

    symbol: str
    margin_type: str | None = None
    leverage: Num = None


class Premium(Camel):
    """premiumIndex: mark, index and the current funding rate."""

    symbol: str
    mark_price: Num
    index_price: Num = None
    last_funding_rate: Num = None
    time: Num = None


class FundingInfo(Camel):
    """fundingInfo: symbols whose interval differs from eight hours."""

    symbol: str
    funding_interval_hours: Num = None


class OpenInterest(Camel):
    """openInterest: base units (USD-M) or contracts (COIN-M)."""

    symbol: str
    open_interest: Num
    time: Num = None


class InterestPoint(Camel):
    """openInterestHist: base units (USD-M) or contracts (COIN-M)."""

    sum_open_interest: Num
    timestamp: Num


class Depth(Camel):
    """Order book, best first."""

    bids: list[tuple[Num, Num]]
    asks: list[tuple[Num, Num]]


class Bracket(Camel):
    """One notional tier."""

    bracket: int
    maint_margin_ratio: Num


class Brackets(Camel):
    """leverageBracket of one symbol."""

    symbol: str
    brackets: list[Bracket]


class Risk(Camel):
    """symbolAdlRisk: LOW, MEDIUM or HIGH."""

    symbol: str
    adl_risk: str
    update_time: Num = None


class InsuranceAsset(Camel):
    """One coin of an insurance pool."""

    asset: str
    margin_balance: Num
    update_time: Num = None


class Insurance(Camel):
    """insuranceBalance: one pool and the symbols it serves."""

    symbols: list[str]
    assets: list[InsuranceAsset]


class ForceOrder(Camel):
    """One of our orders that Binance placed: a liquidation (`autoclose-…`) or an ADL (`adl_autoclose…`)."""

    order_id: int
    symbol: str
    client_order_id: str
    time: Num = None


class Trade(Camel):
    """userTrades: one own fill."""

    id: int
    order_id: int
    symbol: str
    side: str
    price: Num
    qty: Num
    time: Num
    position_side: str = "BOTH"
    realized_pnl: Num = None
    commission: Num = None
    commission_asset: str | None = None


class CoinSymbol(Camel):
    """A COIN-M contract: `contractSize` USD each."""

    symbol: str
    contract_size: Num


class CoinmInfo(Camel):
    """/dapi/v1/exchangeInfo."""

    symbols: list[CoinSymbol]


class Restrictions(Camel):
    """/sapi/v1/account/apiRestrictions: what the key may do."""

    enable_reading: bool
    enable_withdrawals: bool = False
    enable_spot_and_margin_trading: bool = False
    enable_futures: bool = False
    enable_margin: bool = False
    enable_vanilla_options: bool = False
    enable_portfolio_margin_trading: bool = False
    permits_universal_transfer: bool = False
    enable_internal_transfer: bool = False


class DeltaMode(Camel):
    """/sapi/v1/portfolio/delta-mode."""

    delta_enabled: bool


class SubStatus(Camel):
    """A sub-account of sub-account/status."""

    email: str
    is_future_enabled: bool = False


class SubRow(Camel):
    """A position of a sub-account: signed, without maintenance margin or light; only COIN-M tells how it is margined.

    https://developers.binance.com/docs/sub_account/account-management/Get-Futures-Position-Risk-of-Sub-account-V2
    """

    symbol: str
    position_amount: Float
    entry_price: Float
    mark_price: Float = None
    leverage: Float = None
    liquidation_price: Float = None
    position_side: str = "BOTH"
    isolated: str | bool | None = None
    isolated_wallet: Float = None


class SubRisk(Camel):
    """sub-account/futures/positionRisk: the list of the type asked for."""

    future_position_risk_vos: list[SubRow] | None = None
    delivery_position_risk_vos: list[SubRow] | None = None


class SubAsset(Camel):
    """One coin of a sub-account's futures wallet."""

    asset: str
    wallet_balance: Num
    margin_balance: Num
    maintenance_margin: Num = None


class SubTotals(Camel):
    """A sub-account's futures account; the totals, in USD, stand in the USD-M one only."""

    assets: list[SubAsset]
    total_margin_balance: Num = None
    total_wallet_balance: Num = None
    total_maintenance_margin: Num = None


class SubAccount(Camel):
    """sub-account/futures/account: the account of the type asked for."""

    future_account_resp: SubTotals | None = None
    delivery_account_resp: SubTotals | None = None
