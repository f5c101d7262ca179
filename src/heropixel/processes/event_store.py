"""Opens the event store of the settings. Nodes that share a directory change its tables one at a time."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from heropixel.errors import EventsUnavailable
from heropixel.events import Bounds, Events
from heropixel.postgres import Lock, address_of, connect, is_postgres
from heropixel.settings import Settings


def events_of(settings: Settings, bounds: Bounds | None = None) -> Callable[[], Events]:
    """The function that opens the event store: each thread that queries it has its own connection."""
    return lambda: Events(settings.url_of_events(), bounds, _lock(settings))


def _lock(settings: Settings) -> AbstractContextManager[None]:
    """ClickHouse has no lock to give, PostgreSQL has. A directory in a file has one node, and needs none."""
    directory = settings.url_of_directory()
    return _locked(directory) if is_postgres(directory) else nullcontext()


@contextmanager
def _locked(directory: str) -> Iterator[None]:
    """Hold the lock in a transaction: it ends with the connection, also where this process dies."""
    import psycopg  # noqa: PLC0415 - only where a URL asks for it

    address = address_of(directory)
    try:
        connection = connect(address, "directory")
        connection.autocommit = False
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # migrations may take minutes
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (Lock.MIGRATE_EVENTS.value,))
    except psycopg.Error as error:
        raise EventsUnavailable(f"the lock for its migrations cannot be had from the directory: {error}") from error
    with connection:
        yield
