"""ccxt, imported without holding up the screen."""

import asyncio
import gc
import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MODULE = "ccxt.async_support"
_lock = threading.Lock()
_loaded: list[Any] = []


async def ccxt() -> Any:
    """The module; the first time it is imported in a thread, which takes half a second and more."""
    return _loaded[0] if _loaded else await asyncio.to_thread(_import)


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the garbage collector off, and leave what comes of it out of its rounds for ever.

    ccxt's hundred classes and its market lists are hundreds of thousands of objects that stay, or go without a collector. One
    full collection of them stops every thread for 100 to 200 ms: several times while they are made, and at every later one.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def _import() -> Any:
    with _lock:
        if not _loaded:
            with uncollected():
                _loaded.append(importlib.import_module(MODULE))
    return _loaded[0]
