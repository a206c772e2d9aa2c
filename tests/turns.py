"""Rounds of the event loop, and the threads beside it: tests wait for what happens, never for a time to pass."""

import asyncio
import types
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

P = ParamSpec("P")
T = TypeVar("T")


@types.coroutine
def turn() -> Generator[None, None, None]:
    """Let everything else that can run do so once."""
    yield


class Threads(ThreadPoolExecutor):
    """The loop's threads, and whether any of them is at work."""

    def __init__(self) -> None:
        super().__init__(8)
        self._under_way: set[Future[Any]] = set()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        future = super().submit(fn, *args, **kwargs)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    async def quiet(self) -> None:
        """Return when none of them is."""
        while under_way := tuple(self._under_way):
            await asyncio.wait([asyncio.wrap_future(future) for future in under_way])
            await turn()


_threads: WeakKeyDictionary[asyncio.AbstractEventLoop, Threads] = WeakKeyDictionary()


def threads() -> Threads:
    """Those of the running loop, from the first call on."""
    loop = asyncio.get_running_loop()
    if loop not in _threads:
        _threads[loop] = Threads()
        loop.set_default_executor(_threads[loop])
    return _threads[loop]
