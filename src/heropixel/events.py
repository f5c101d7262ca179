"""The event store: every pageview, for questions over many. ClickHouse, in this process (chDB) or on a server.

The table and its changes are the files of `sql/events/`, applied in order and once.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import resources
from typing import Any, TypeVar
from urllib.parse import urlsplit

import clickhouse_connect
import msgspec
import structlog
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from heropixel.errors import EventStoreUnavailable, EventsUnavailable, FolderFromNewerVersion, UnknownStore

log = structlog.get_logger()

T = TypeVar("T")

DATABASE = "heropixel"

# The engine takes one cache of gigabytes after the other where it may; a server that shares its machine must not.
_ENGINE_OPTIONS = {
    "mark_cache_size": 64 << 20,
    "index_mark_cache_size": 16 << 20,
    "primary_index_cache_size": 64 << 20,
    "query_condition_cache_size": 16 << 20,
    "compiled_expression_cache_size": 16 << 20,
}
_SESSION = {"date_time_input_format": "basic", "max_insert_threads": "1", "max_threads": "2"}

_APPLIED = f"SELECT number FROM {DATABASE}.migrations"  # noqa: S608 - a constant

# The columns of a pageview but its user, under the names of the API.
_COLUMNS = """
    event_id AS eventId, pixel_id AS pixelId, toUnixTimestamp64Milli(timestamp) AS timestamp, domain,
    {user} AS userId, visitor_id AS visitorId, session_id AS sessionId, url, canonical, title,
    description, referrer, language, timezone, user_agent AS userAgent, screen, viewport, country, region, city,
    utm_source AS utmSource, utm_medium AS utmMedium, utm_campaign AS utmCampaign, utm_term AS utmTerm,
    utm_content AS utmContent, toString(consent) AS consent, properties
"""

# Rows whose visitor may turn out to be a user's; what was not resolved for another reason stays nobody's.
ANONYMOUS = "user_id = 0 AND resolution = 'NOT_KNOWN' AND visitor_id != ''"

_EXPORT = f"""
    SELECT journal_position, {_COLUMNS.format(user="user_id")}
    FROM {DATABASE}.pageviews
    ORDER BY pixel_id, timestamp, journal_position
"""  # noqa: S608 - constants

# Whose anonymous pageviews are by now, in the order of the export. Apart from it, since a join of whole rows has to
# sort them all again: of 20,000,000 pageviews it took 8 GB, and takes 0.7 GB so. Beyond these bounds it uses the disk.
_OWNED = f"""
    SELECT pixel_id, toUnixTimestamp64Milli(pageviews.timestamp) AS timestamp, journal_position, owner
    FROM {DATABASE}.pageviews
    INNER JOIN
    (
        SELECT app, visitor_id, argMin(user_id, (linked_at, user_id)) AS owner
        FROM {DATABASE}.links GROUP BY app, visitor_id
    ) AS owners USING (app, visitor_id)
    WHERE {ANONYMOUS}
    ORDER BY pixel_id, timestamp, journal_position
    SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 200000000,
        max_bytes_before_external_sort = 200000000, max_bytes_before_external_group_by = 200000000
"""  # noqa: S608 - constants

# By all that leads to a row: the first two are the primary key. (`timestamp` alone would be the number above.)
_AT_PLACES = f"""
    SELECT journal_position, {_COLUMNS.format(user="user_id")}
    FROM {DATABASE}.pageviews
    WHERE pixel_id IN {{pixels:Array(Int32)}}
        AND pageviews.timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
"""  # noqa: S608 - constants

_LINK = f"""
    INSERT INTO {DATABASE}.links SELECT app, visitor_id, user_id, min(received) FROM {DATABASE}.pageviews
    WHERE journal_position BETWEEN {{first:UInt64}} AND {{last:UInt64}} AND user_id != 0 AND visitor_id != ''
    GROUP BY app, visitor_id, user_id
"""  # noqa: S608 - constants

# The columns of an export, by the names of the API, and their types.
EXPORT_COLUMNS: dict[str, type] = {
    **dict.fromkeys(("eventId",), str),
    "pixelId": int,
    "timestamp": int,  # Unix milliseconds
    **dict.fromkeys(("domain", "userId", "visitorId", "sessionId", "url", "canonical", "title", "description"), str),
    **dict.fromkeys(("referrer", "language", "timezone", "userAgent", "screen", "viewport"), str),
    **dict.fromkeys(("country", "region", "city"), str),
    **dict.fromkeys(("utmSource", "utmMedium", "utmCampaign", "utmTerm", "utmContent"), str),
    "consent": bool,
    "properties": dict,
}


# The visitors whose first user is one of these, and who that is: whose their anonymous pageviews are.
OWNERS = f"""
    SELECT visitor_id, argMin(user_id, (linked_at, user_id)) AS owner
    FROM {DATABASE}.links
    WHERE app = {{app:UInt32}} AND visitor_id IN
    (
        SELECT visitor_id FROM {DATABASE}.links WHERE app = {{app:UInt32}} AND user_id IN {{users:Array(UInt64)}}
    )
    GROUP BY visitor_id
    HAVING owner IN {{users:Array(UInt64)}}
"""  # noqa: S608 - constants

_THEIRS = (
    "app = {app:UInt32} AND (user_id IN {users:Array(UInt64)}"
    f" OR ({ANONYMOUS} AND visitor_id IN {{visitors:Array(String)}}))"
)

# What is not kept of an erased person's pageview: all that was free text, or an id of hers or of her visit.
_ERASED = [
    f"{column} = ''"
    for column in (
        *("visitor_id", "session_id", "event_id", "matched_on", "url", "canonical", "title", "description", "referrer"),
        *("user_agent", "region", "city", "utm_term", "utm_content", "properties"),
    )
]


class Events:
    """A connection to the event store, for one thread at a time; made and migrated on opening.

    Raises:
        UnknownStore: no such kind of event store.
        FolderFromNewerVersion: a later version of heropixel has been at it.
        EventsUnavailable: it is not there now.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        with _unavailable():
            self._client = _connect(url)
            self._migrate()

    def _migrate(self) -> None:
        self._client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        self._client.command(
            f"CREATE TABLE IF NOT EXISTS {DATABASE}.migrations (number UInt32, name String)"
            " ENGINE = MergeTree ORDER BY number"
        )
        applied = {row[0] for row in self._client.query(_APPLIED).result_rows}
        known = migrations()
        if applied - {number for number, _, _ in known}:
            raise FolderFromNewerVersion(store="The event store", where=self._url)
        for number, name, statement in known:
            if number not in applied:
                self._client.command(statement.replace("{database}", DATABASE))
                self._client.insert(f"{DATABASE}.migrations", [[number, name]], column_names=["number", "name"])

    def insert(self, rows: bytes, token: str) -> None:
        """Insert rows, given as JSON Lines by column name. A token that was used before inserts nothing.

        On the disk when it returns.

        Raises:
            EventsUnavailable: none, some or all of it is there; the same call again with the same token completes it.
        """
        with _unavailable():
            self._client.raw_insert(
                f"{DATABASE}.pageviews",
                insert_block=rows,
                fmt="JSONEachRow",
                settings={"insert_deduplication_token": token},
            )

    def positions(self, first: int, last: int) -> set[int]:
        """Which journal positions from `first` to `last` have a row.

        Raises:
            EventsUnavailable: it cannot be told.
        """
        with _unavailable():
            result = self._client.query(
                f"SELECT journal_position FROM {DATABASE}.pageviews"  # noqa: S608 - a constant
                " WHERE journal_position BETWEEN {first:UInt64} AND {last:UInt64}",
                parameters={"first": first, "last": last},
            )
            return {row[0] for row in result.result_rows}

    def link(self, first: int, last: int) -> None:
        """See to it that the pageviews of these journal positions have linked their visitors, as inserting them does.

        Raises:
            EventsUnavailable: some may be linked; the same call again completes it.
        """
        with _unavailable():
            self._client.command(_LINK, parameters={"first": first, "last": last})

    def add_links(self, rows: bytes) -> None:
        """Insert links of visitors, given as JSON Lines by column name. The same link again changes nothing.

        On the disk when it returns.

        Raises:
            EventsUnavailable: some may be there; the same call again completes it.
        """
        with _unavailable():
            self._client.raw_insert(f"{DATABASE}.links", insert_block=rows, fmt="JSONEachRow")

    def ask(self, question: str, **parameters: Any) -> Sequence[Sequence[Any]]:  # noqa: ANN401 - what SQL can bind
        """The rows that a SELECT answers; its `{name:Type}` are bound.

        Raises:
            EventsUnavailable: it cannot be told.
        """
        with _unavailable():
            rows: Sequence[Sequence[Any]] = self._client.query(question, parameters=parameters).result_rows
            return rows

    def at(self, places: Sequence[tuple[int, int, int]]) -> dict[int, dict[str, Any]]:
        """The pageviews of these pixels, timestamps (Unix milliseconds) and journal positions, by the last of them.

        As `export` has them, each under the user it was recorded with.

        Raises:
            EventsUnavailable: it cannot be told.
        """
        pixels, timestamps, positions = zip(*places, strict=True) if places else ((), (), ())
        rows = self.ask(_AT_PLACES, pixels=list(set(pixels)), timestamps=list(timestamps), positions=list(positions))
        return {at: _spoken_for(_exported(dict(zip(EXPORT_COLUMNS, values, strict=True))), {}) for at, *values in rows}

    def erase_users(self, app: int, people: Sequence[Sequence[int]]) -> list[int]:
        """Take from the pageviews of people, each given by her users, whatever could name them; they are counted on.

        All at once, since it costs the same for many as for one. Answers how many pageviews each had.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        counts: list[int] = []
        visitors: list[str] = []
        for users in people:
            hers = [visitor for visitor, _ in self.ask(OWNERS, app=app, users=list(users))]
            counts.append(self._count("pageviews", _THEIRS, {"app": app, "users": list(users), "visitors": hers}))
            visitors += hers
        theirs = {"app": app, "users": [user for users in people for user in users], "visitors": visitors}
        self._rewrite("pageviews", f"UPDATE {', '.join(_ERASED)}, user_id = 0, resolution = 'ERASED'", _THEIRS, theirs)
        # Last: without them nobody could tell which pageviews are still to be erased.
        self._rewrite("links", "DELETE", "app = {app:UInt32} AND user_id IN {users:Array(UInt64)}", theirs)
        return counts

    def erase_pixel(self, pixel: int) -> int:
        """Delete the pageviews of a pixel; how many they were.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        return self._rewrite("pageviews", "DELETE", "pixel_id = {pixel:Int32}", {"pixel": pixel})

    def _count(self, table: str, where: str, facts: dict[str, Any]) -> int:
        ((count,),) = self.ask(f"SELECT count() FROM {DATABASE}.{table} WHERE {where}", **facts)  # noqa: S608 - constants
        return int(count)

    def _rewrite(self, table: str, what: str, where: str, facts: dict[str, Any]) -> int:
        """Update or delete rows, on the disk too when it returns; how many."""
        rows = self._count(table, where, facts)
        if rows:
            # Not the light-weight kinds, which leave what is erased in the files until some later merge.
            with _unavailable():
                self._client.command(
                    f"ALTER TABLE {DATABASE}.{table} {what} WHERE {where}",
                    parameters=facts,
                    settings={"mutations_sync": 2},
                )
        return rows

    def export(self, speakers: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """Every pageview under the field names of the API, by pixel and time; never all of them in memory.

        An anonymous one of a visitor who was linked is the first linked user's. A user whom `speakers` names is the
        one it gives.

        Raises:
            EventsUnavailable: it cannot be read.
        """
        with _unavailable(), _another(self._url) as other:
            owned = _rows(other, _OWNED)
            *place, owner = next(owned, _BEYOND_ALL)
            for at, *values in _rows(self._client, _EXPORT):
                row = _exported(dict(zip(EXPORT_COLUMNS, values, strict=True)))
                here = [row["pixelId"], row["timestamp"], at]
                while place < here:  # deleted while this was read
                    *place, owner = next(owned, _BEYOND_ALL)
                if place == here:
                    row["userId"] = owner
                yield _spoken_for(row, speakers)

    def close(self) -> None:
        """Let go of the files or the connection."""
        self._client.close()


class EventsThread:
    """The event store for an event loop: what is asked of it runs on a thread and a connection of its own, one call
    after the other. Opened on first use, and anew after it failed."""

    def __init__(self, open_events: Callable[[], Events]) -> None:
        self._open_events = open_events
        self._events: Events | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="events")

    async def read(self, ask: Callable[[Events], T]) -> T:
        """What it answers.

        Raises:
            EventStoreUnavailable: the event store cannot be asked now.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, ask)

    def _ask(self, ask: Callable[[Events], T]) -> T:
        try:
            if self._events is None:
                self._events = self._open_events()
            return ask(self._events)
        except EventsUnavailable as error:
            log.warning("the event store cannot be asked", error=str(error)[:500])
            self._close()
            raise EventStoreUnavailable from error

    def _close(self) -> None:
        if self._events is not None:
            self._events.close()
            self._events = None

    def close(self) -> None:
        """Finish what was asked, and close the connection."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()


_BEYOND_ALL = (1 << 31, 0, 0, 0)  # as a pixel's id


def _rows(client: Client, question: str) -> Iterator[Sequence[Any]]:
    with client.query_row_block_stream(question) as blocks:
        for block in blocks:
            yield from block


def _spoken_for(row: dict[str, Any], speakers: Mapping[int, int]) -> dict[str, Any]:
    user_id = row["userId"]
    row["userId"] = str(speakers.get(user_id, user_id)) if user_id else None
    return row


def _exported(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the API's words have it, but for its user: what was not given is None."""
    row = {name: None if value == "" else value for name, value in row.items()}
    row["consent"] = {"given": True, "refused": False}.get(row["consent"])
    if row["properties"] is not None:
        row["properties"] = msgspec.json.decode(row["properties"])
    return row


@contextmanager
def _unavailable() -> Iterator[None]:
    """One exception of ours, whatever the engine or the network says."""
    try:
        yield
    except (ClickHouseError, OSError, RuntimeError) as error:
        raise EventsUnavailable(str(error)) from error


@contextmanager
def _another(url: str) -> Iterator[Client]:
    """A connection beside another, whose answer is still being read."""
    client = _connect(url)
    try:
        yield client
    finally:
        client.close()


def _connect(url: str) -> Client:
    scheme = urlsplit(url).scheme
    if scheme == "chdb":
        return clickhouse_connect.get_client(dsn=url, settings=_SESSION, chdb_options=_ENGINE_OPTIONS)
    if scheme in ("clickhouse", "clickhouses"):
        # A page of people has more ids than fit in a URL.
        return clickhouse_connect.get_client(dsn=url, settings=_SESSION, form_encode_query_params=True)
    raise UnknownStore(url=url, role="event store", known="chdb:///path, clickhouse://host")


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and statement of each change of the table, in order."""
    files = (resources.files("heropixel") / "sql" / "events").iterdir()
    named = sorted((file.name, file.read_text()) for file in files if file.name.endswith(".sql"))
    return [(int(name[:4]), name, text) for name, text in named]
