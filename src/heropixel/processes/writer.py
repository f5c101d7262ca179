"""The writer as a part of the server: its stores, its loop, and the end of its work."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from typing import Any

from heropixel.clock import clock
from heropixel.concurrency.loops import new_loop
from heropixel.directory import Directory, open_directory
from heropixel.identity.resolve import Resolver
from heropixel.journal import open_journal
from heropixel.processes.foundation import Foundation
from heropixel.processes.index import index_of
from heropixel.processes.parent import Started
from heropixel.processes.stopping import asked_to_stop
from heropixel.recording.writer import Writer
from heropixel.settings import Settings

_RESOLVING_WAITS = 5  # seconds for the lock: all other pageviews wait behind one that waits to learn a user


def run_writer(foundation: Foundation, started: Started) -> None:
    """Write what doors send until it is asked to stop, then what has arrived by then."""

    async def run() -> None:
        await write(foundation.settings, foundation.sockets.to_writer, asked_to_stop(), started)

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(run())


async def write(
    settings: Settings, listening: socket.socket, stopping: asyncio.Event, started: Started = lambda: None
) -> None:
    """Write what doors send, until it is told to stop.

    Raises:
        Trouble: a store, or the key of the directory, cannot be used.
    """
    appending, loading = open_journal(settings.url_of_journal())
    loading.close()
    with closing(appending), closing(open_directory(settings.url_of_directory())) as directory:
        resolver = resolver_of(settings, directory)
        started()
        await Writer(resolver, appending, clock).serve(listening, stopping)


def resolver_of(settings: Settings, directory: Directory) -> Resolver:
    """Finds users on the way of a pageview, on a connection of its own."""
    return Resolver(directory.another(_RESOLVING_WAITS, mapped=True), index_of(settings, directory))


@contextmanager
def on_thread(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> Iterator[None]:
    """Run `work` on an event loop and a thread of its own. On exit, its event is set, and its end is waited for."""
    stop: list[Callable[[], object]] = []
    started = threading.Event()

    async def run() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(stopping.set))
        started.set()
        await work(stopping)

    def begin() -> None:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=begin, name="writer")
    thread.start()
    started.wait()
    try:
        yield
    finally:
        stop[0]()
        thread.join()
