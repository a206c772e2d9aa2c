"""What a `[[source]]` of kind `hyperliquid` may say."""

import re
from typing import Annotated

from msgspec import Meta, Struct

API_URL = "https://api.hyperliquid.xyz"


class HyperliquidOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Options of a `hyperliquid` source."""

    address: str
    """The public address, 0x and 40 hexadecimal digits; never a key."""
    interval: Annotated[float, Meta(gt=0)] = 5.0
    """Seconds between the end of one fetch and the start of the next."""
    dexs: tuple[str, ...] | None = None
    """HIP-3 dexs to watch; without it every dex in which the address has a position, found by itself."""
    api_url: Annotated[str, Meta(pattern=r"^https?://[^/?#]+/?$")] = API_URL
    timeout: Annotated[float, Meta(gt=0)] = 10.0
    """Seconds one request may take."""
    keep_free: Annotated[float, Meta(ge=0, lt=1)] = 0.2
    """Share of this IP's request budget left for the user's other programs."""

    def __post_init__(self) -> None:
        if re.fullmatch(r"(0x)?[0-9a-fA-F]{64}", self.address):
            raise ValueError("this looks like a private key: take it out of the file; an address is 0x and 40 hex digits")
        if not re.fullmatch(r"0x[0-9a-fA-F]{40}", self.address):
            raise ValueError("must be a public address: 0x and 40 hex digits")
