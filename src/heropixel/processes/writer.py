"""The writer as a part of the server: its stores, its loop, and the end of its work."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from functools import partial
from typing import Any

from heropixel.clock import clock
from heropixel.concurrency.loops import run
from heropixel.directory import Directory, open_directory
from heropixel.identity.resolve import Resolver
from heropixel.journal import Journal, open_journal
from heropixel.postgres import is_postgres
from heropixel.processes.foundation import Foundation
from heropixel.processes.index import index_of
from heropixel.processes.parent import Started
from heropixel.processes.steps import running
from heropixel.processes.stopping import asked_to_stop, leave_unanswered
from heropixel.recording.writer import Writer
from heropixel.settings import Settings

_SIGN_OF_LIFE = 3.0  # seconds between two, by which other nodes know that this one is alive
_RESOLVING_WAITS = 5  # seconds for the lock: all other pageviews wait behind one that waits to learn a user


def run_writer(foundation: Foundation, started: Started) -> None:
    """Write what doors send until it is asked to stop, then what has arrived by then.

    Signals are heard on another thread: the one that writes may wait for an answer of the database.
    """

    async def until_stopped() -> None:
        settings, sockets, joint = foundation
        stopping = asked_to_stop(
            then=partial(leave_unanswered, "to write pageviews, which nobody was told are recorded")
        )
        loop = asyncio.get_running_loop()
        with on_thread(partial(write, settings, joint.node, sockets.to_writer)) as writing:
            writing.add_done_callback(lambda _: loop.call_soon_threadsafe(stopping.set))
            started()
            await stopping.wait()

    run(until_stopped())


async def write(
    settings: Settings, node: str, listening: socket.socket, stopping: asyncio.Event, started: Started = lambda: None
) -> None:
    """Write what doors send, until it is told to stop.

    Raises:
        Trouble: a store, or the key of the directory, cannot be used.
    """
    with (
        closing(open_directory(settings.url_of_directory())) as directory,
        closing(for_resolving(directory)) as resolving,
        closing(_appending(settings, node, resolving)) as appending,
    ):
        resolver = Resolver(resolving, index_of(settings, directory))
        writer = Writer(resolver, appending, clock, _revision_of(settings, appending))
        started()
        async with running(writer.keep_held(_SIGN_OF_LIFE)), _telling(settings, node, writer):
            await writer.serve(listening, stopping)


def _appending(settings: Settings, node: str, resolving: Directory) -> Journal:
    """The journal, on the connection on which users are found where both are in one database."""
    url = settings.url_of_journal()
    if not is_postgres(url):
        return open_journal(url)
    from heropixel.journal.postgres_link import DirectorysConnection  # noqa: PLC0415 - only where a URL asks for it

    return open_journal(url, node, DirectorysConnection(resolving))


@asynccontextmanager
async def _telling(settings: Settings, node: str, writer: Writer) -> AsyncIterator[None]:
    """Let subscribers hear of what other nodes record, where there are others."""
    url = settings.url_of_journal()
    if not is_postgres(url):
        yield
        return
    from heropixel.journal.postgres_following import OtherNodes  # noqa: PLC0415 - only where a URL asks for it

    with closing(OtherNodes(url, node)) as others:
        async with running(writer.keep_telling(others)):
            yield


def _revision_of(settings: Settings, journal: Journal) -> Callable[[], int] | None:
    """Tells the revision where other nodes change it: what they were told holds here from the next pageview on."""
    if not is_postgres(settings.url_of_journal()):
        return None
    from heropixel.journal.postgres import PostgresJournal  # noqa: PLC0415 - only where a URL asks for it

    return (lambda: journal.revision) if isinstance(journal, PostgresJournal) else None


def for_resolving(directory: Directory) -> Directory:
    """A connection that finds users on the way of a pageview."""
    return directory.another(_RESOLVING_WAITS, mapped=True)


@contextmanager
def on_thread(work: Callable[[asyncio.Event, Started], Coroutine[Any, Any, None]]) -> Iterator[Future[None]]:
    """Run `work` on an event loop and a thread of its own. It is entered when `work` says that it has started.

    On exit, the event of `work` is set, and its end is waited for. The future is done when it has ended.

    Raises what `work` has raised: at once where it could not start, else on exit.
    """
    begun: Future[Callable[[], object]] = Future()

    async def begin() -> None:
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        await work(stopping, lambda: begun.set_result(lambda: loop.call_soon_threadsafe(stopping.set)))

    with ThreadPoolExecutor(1, thread_name_prefix="writer") as thread:
        working = thread.submit(lambda: run(begin()))
        working.add_done_callback(lambda ended: None if begun.done() else begun.set_exception(ended.exception()))
        stop = begun.result()
        try:
            yield working
        finally:
            with suppress(RuntimeError):  # its loop has ended: it has failed
                stop()
            working.result()
