"""Connections to the event store, by its URL; and every error of the engine or the network as one of ours."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from heropixel.errors import EventsTooSlow, EventsUnavailable
from heropixel.events.engine import check_engine
from heropixel.events.place import EventsPlace

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

# Where it may, the engine fills one cache of gigabytes after the other. A server that shares its machine must not.
_ENGINE_OPTIONS = {
    "mark_cache_size": 64 << 20,
    "index_mark_cache_size": 16 << 20,
    "primary_index_cache_size": 64 << 20,
    "query_condition_cache_size": 16 << 20,
    "compiled_expression_cache_size": 16 << 20,
    # How often it asks the system how much memory it has. Twenty times a second is half of what an idle engine does.
    "memory_worker_period_ms": 1000,
    # With several threads the embedded engine now and then fails to open a table ("recursive_mutex lock failed").
    "tables_loader_foreground_pool_size": 1,
    "tables_loader_background_pool_size": 1,
}
_SESSION = {"date_time_input_format": "basic", "max_insert_threads": "1", "max_threads": "2"}


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn every error of the engine or the network into one exception of ours."""
    from clickhouse_connect.driver.exceptions import ClickHouseError  # noqa: PLC0415 - see connect

    try:
        yield
    except (ClickHouseError, OSError, RuntimeError) as error:
        beyond = any(reason in str(error) for reason in ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED"))
        raise (EventsTooSlow if beyond else EventsUnavailable)(str(error)) from error


def connect(place: EventsPlace, more: dict[str, Any] | None = None) -> "Client":
    """A connection. It names no database yet: there may be none."""
    import clickhouse_connect  # noqa: PLC0415 - processes that open no event store must not pay for its client

    settings = _SESSION | (more or {})
    if place.is_embedded:
        if place.folder:
            check_engine(place.folder)
        return clickhouse_connect.get_client(dsn=place.url, settings=settings, chdb_options=_ENGINE_OPTIONS)
    # They log what is then raised, and each attempt. Who asked logs it once.
    for library in ("clickhouse_connect", "urllib3.connectionpool"):
        logging.getLogger(library).setLevel(logging.ERROR)
    return clickhouse_connect.get_client(
        dsn=place.url,
        settings=settings,
        secure=place.secure,
        form_encode_query_params=True,  # a page of people has more ids than fit in a URL
        autogenerate_session_id=False,  # a load balancer may send each request to another server
    )
