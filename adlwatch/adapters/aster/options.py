"""What a `[[source]]` of kind `aster` may say."""

from adlwatch.adapters.keyless import ApiUrl, KeylessOptions, check_evm_address

API_URL = "https://tapi.asterdex.com"
MARKET_URL = "https://fapi.asterdex.com"


class AsterOptions(KeylessOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of an `aster` source."""

    address: str
    """The public address, 0x and 40 hexadecimal digits; never a key. Its privacy mode must be off."""
    api_url: ApiUrl = API_URL
    """The chain RPC."""
    market_url: ApiUrl = MARKET_URL
    """The public market data."""

    def __post_init__(self) -> None:
        check_evm_address(self.address)
