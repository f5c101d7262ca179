"""A thread of one's own for an event loop: what is done on it is done one after the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class OwnThread:
    """One thread, which begins with the first thing that is asked of it."""

    def __init__(self, name: str, begin: Callable[[], None] | None = None) -> None:
        """`begin` is what the thread does first."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=begin)

    def run(self, work: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Have something done after all that was asked before, even if nobody waits for it."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def close(self, last: Callable[[], object] | None = None) -> None:
        """Finish what was asked, then do the last thing, and end the thread; it blocks until then."""
        if last is not None:
            self._thread.submit(last).result()
        self._thread.shutdown()
