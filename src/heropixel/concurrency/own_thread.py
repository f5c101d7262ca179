"""A thread of its own for an event loop: it does its work in order, one call at a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class OwnThread:
    """One thread. It starts with the first call."""

    def __init__(self, name: str, begin: Callable[[], None] | None = None) -> None:
        """`begin` runs first on the thread."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=begin)

    def run(self, work: Callable[[*Ts], T], *args: *Ts) -> "asyncio.Future[T]":
        """Run `work` after all earlier calls, even if the caller no longer waits for it."""
        return asyncio.get_running_loop().run_in_executor(self._thread, work, *args)

    def close(self, last: Callable[[], object] | None = None) -> None:
        """Finish all calls, run `last`, and end the thread. It blocks until then."""
        if last is not None:
            self._thread.submit(last).result()
        self._thread.shutdown()
