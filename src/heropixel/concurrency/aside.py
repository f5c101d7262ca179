"""Work on a thread that nobody waits for: one that hangs blocks no thread of a shared pool, and delays no exit."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def aside(work: Callable[[*Ts], T], *args: *Ts) -> T:
    """Run `work` on a new thread, and return what it returns or raises."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(settling: Callable[[], None]) -> None:
        if not answer.done():  # unless the caller was cancelled
            settling()

    def run() -> None:
        try:
            result = work(*args)
        except Exception as error:
            failed = error  # the name of an exception ends with its block
            _tell(loop, settle, lambda: answer.set_exception(failed))
        else:
            _tell(loop, settle, lambda: answer.set_result(result))

    threading.Thread(target=run, daemon=True).start()
    return await answer


def _tell(
    loop: asyncio.AbstractEventLoop, settle: Callable[[Callable[[], None]], None], settling: Callable[[], None]
) -> None:
    try:
        loop.call_soon_threadsafe(settle, settling)
    except RuntimeError:  # the loop has ended meanwhile
        return
