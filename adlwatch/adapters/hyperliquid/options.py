"""What a `[[source]]` of kind `hyperliquid` may say."""

from adlwatch.adapters.keyless import ApiUrl, KeylessOptions, check_evm_address

API_URL = "https://api.hyperliquid.xyz"


class HyperliquidOptions(KeylessOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `hyperliquid` source."""

    address: str
    """The public address, 0x and 40 hexadecimal digits; never a key."""
    dexs: tuple[str, ...] | None = None
    """HIP-3 dexs to watch; without it every dex in which the address has a position, found by itself."""
    api_url: ApiUrl = API_URL
    stream: bool = True
    """Take marks between two fetches from the venue's public stream."""

    def __post_init__(self) -> None:
        check_evm_address(self.address)
