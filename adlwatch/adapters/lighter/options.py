"""What a `[[source]]` of kind `lighter` may say."""

from typing import Annotated

from msgspec import Meta

from adlwatch.adapters.keyless import ApiUrl, KeylessOptions, check_evm_address

API_URL = "https://mainnet.zklighter.elliot.ai"


class LighterOptions(KeylessOptions, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `lighter` source: an address with all its accounts, or one account by its index."""

    address: str | None = None
    """The public Ethereum address, 0x and 40 hexadecimal digits; never a key."""
    index: Annotated[int, Meta(ge=0)] | None = None
    """Number of one account."""
    api_url: ApiUrl = API_URL

    def __post_init__(self) -> None:
        if (self.address is None) == (self.index is None):
            raise ValueError("needs either address, for all accounts of it, or index, for one account")
        if self.address is not None:
            check_evm_address(self.address)
