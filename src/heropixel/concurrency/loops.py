"""The event loop of a server's parts: uvloop's, which is quicker, where there is one."""

import asyncio
import sys


def new_loop() -> asyncio.AbstractEventLoop:
    """A new loop for this thread."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - not everywhere

    return uvloop.new_event_loop()
