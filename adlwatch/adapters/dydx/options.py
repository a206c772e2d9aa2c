"""What a `[[source]]` of kind `dydx` may say."""

from adlwatch.adapters.keyless import ApiUrl, KeylessOptions, check_address

API_URL = "https://indexer.dydx.trade"


class DydxOptions(KeylessOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `dydx` source."""

    address: str
    """The public address, `dydx1…`; never a key or a seed phrase."""
    subaccounts: tuple[int, ...] | None = None
    """Numbers of the sub-accounts to watch; without it every one that holds anything."""
    api_url: ApiUrl = API_URL
    """The indexer. There are several, run by different people."""

    def __post_init__(self) -> None:
        check_address(self.address, r"dydx1[02-9ac-hj-np-z]{38}", "dydx1 and 38 letters or digits")
