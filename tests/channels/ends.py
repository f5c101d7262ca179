"""Both ends of calls in one process, over a socket."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from heropixel.channels.calling import CallLine, calling
from heropixel.channels.serving import Served, serving
from heropixel.errors import EventStoreUnavailable

P = TypeVar("P")


def listening(path: Path) -> socket.socket:
    """A socket that listens, in the place of an earlier one."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    bound.listen()
    return bound


@asynccontextmanager
async def over_a_socket(protocol: Callable[..., P], implementation: P) -> AsyncIterator[P]:
    """The methods of an implementation, called over a socket."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        async with serving(listening(path), Served(protocol, implementation)):
            with closing(CallLine(path, EventStoreUnavailable)) as line:
                yield calling(protocol, line)
