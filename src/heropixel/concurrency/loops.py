"""The event loop of a server's parts: uvloop's, which is quicker, where there is one."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any


def _new_loop() -> asyncio.AbstractEventLoop:
    """A new loop for this thread."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not everywhere

    return uvloop.new_event_loop()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Do some work on a new loop of this thread."""
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(work)
