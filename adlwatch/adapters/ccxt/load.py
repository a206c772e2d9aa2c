"""ccxt, imported without holding up the screen."""

import asyncio
import gc
import importlib
import threading
from typing import Any

MODULE = "ccxt.async_support"
_lock = threading.Lock()
_loaded: list[Any] = []


async def ccxt() -> Any:
    """The module; the first time it is imported in a thread, which takes half a second and more."""
    return _loaded[0] if _loaded else await asyncio.to_thread(_import)


def _import() -> Any:
    """Import with the garbage collector held off, and leave what came of it out of its rounds for ever.

    ccxt's hundred classes are hundreds of thousands of objects that never go away. One full collection of them stops every
    thread for 100 to 200 ms: several times during the import, and then again whenever there is one.
    """
    with _lock:
        if not _loaded:
            was_on = gc.isenabled()
            gc.disable()
            try:
                _loaded.append(importlib.import_module(MODULE))
            finally:
                gc.freeze()
                if was_on:
                    gc.enable()
    return _loaded[0]
