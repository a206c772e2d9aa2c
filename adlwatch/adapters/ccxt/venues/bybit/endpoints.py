"""Every endpoint of Bybit that may be called: https://bybit-exchange.github.io/docs/v5/rate-limit."""

from adlwatch.adapters.ccxt.venue import Meter, reads

IP = Meter("bybit ip", 600, window=5)
UID = Meter("bybit uid", 50, window=5, per_account=True)

_public = reads("public", meter=IP)
TIME = _public("v5/market/time")
TICKERS = _public("v5/market/tickers")
KLINE = _public("v5/market/kline")
INTEREST = _public("v5/market/open-interest")
BOOK = _public("v5/market/orderbook")
RISK_LIMIT = _public("v5/market/risk-limit")
INSURANCE = _public("v5/market/insurance")
ADL_ALERT = _public("v5/market/adlAlert")

_private = reads("private", meter=UID)
POSITIONS = _private("v5/position/list")
WALLET = _private("v5/account/wallet-balance")
INFO = _private("v5/account/info")
EXECUTIONS = _private("v5/execution/list")
KEY = _private("v5/user/query-api")
COINS = _private("v5/asset/transfer/query-account-coins-balance", 2)
SUBS = _private("v5/user/query-sub-members")

ALL = (
    *(TIME, TICKERS, KLINE, INTEREST, BOOK, RISK_LIMIT, INSURANCE, ADL_ALERT),
    *(POSITIONS, WALLET, INFO, EXECUTIONS, KEY, COINS, SUBS),
)
