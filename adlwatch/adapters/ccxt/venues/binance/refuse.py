"""How Binance says no with status 200: an object with a negative `code`."""

import msgspec
from msgspec import Struct


class _Refusal(Struct):
    code: int
    msg: str


def refused(body: bytes) -> bool:
    """Whether the body is an error object."""
    if not body.startswith(b'{"code"'):
        return False
    try:
        return msgspec.json.decode(body, type=_Refusal).code < 0
    except (msgspec.DecodeError, msgspec.ValidationError):
        return False
