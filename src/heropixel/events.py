"""The event store: every pageview, for questions over many. ClickHouse, in this process (chDB) or on a server.

The table and its changes are the files of `sql/events/`, applied in order and once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import msgspec
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from heropixel.errors import EventsUnavailable, FolderFromNewerVersion, UnknownStore

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

_EXPORT = """
    SELECT event_id AS eventId, pixel_id AS pixelId, toUnixTimestamp64Milli(timestamp) AS timestamp, domain,
           if(user_id = 0 AND resolution = 'NOT_KNOWN', first_user, user_id) AS userId, visitor_id AS visitorId,
           session_id AS sessionId, url, canonical, title, description, referrer, language, timezone,
           user_agent AS userAgent, screen, viewport, country, region, city,
           utm_source AS utmSource, utm_medium AS utmMedium, utm_campaign AS utmCampaign, utm_term AS utmTerm,
           utm_content AS utmContent, toString(consent) AS consent, properties
    FROM heropixel.pageviews LEFT JOIN (
        SELECT app, visitor_id, argMin(user_id, (linked_at, user_id)) AS first_user
        FROM heropixel.links GROUP BY app, visitor_id
    ) AS linked USING (app, visitor_id)
    ORDER BY pixel_id, timestamp, journal_position
    SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 50000000
"""

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


# A pageview of nobody, which counts as that of the first user whom its visitor was linked to. Those whose person is
# suppressed or did not consent stay nobody's.
_ANONYMOUS = "user_id = 0 AND resolution = 'NOT_KNOWN'"

# The visitors whose first user is one of these.
_FIRST_LINKED_TO = """
    SELECT visitor_id FROM heropixel.links
    WHERE app = {app:UInt32} AND visitor_id IN (
        SELECT visitor_id FROM heropixel.links WHERE app = {app:UInt32} AND user_id IN {users:Array(UInt64)}
    )
    GROUP BY visitor_id HAVING argMin(user_id, (linked_at, user_id)) IN {users:Array(UInt64)}
"""

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

    def add_links(self, links: Sequence[tuple[int, str, int, int]]) -> None:
        """Learn of links: app, visitor id, user id, and when, in Unix milliseconds. The same again changes nothing.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        with _unavailable():
            rows = [[app, visitor, user, datetime.fromtimestamp(at / 1000, UTC)] for app, visitor, user, at in links]
            self._client.insert(f"{DATABASE}.links", rows, column_names=["app", "visitor_id", "user_id", "linked_at"])

    def add_links_of(self, first: int, last: int) -> None:
        """Learn of the links that the pageviews from one journal position to another show, once more.

        The engine writes them after the pageviews, and may have been killed in between.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        with _unavailable():
            self._client.command(
                f"INSERT INTO {DATABASE}.links SELECT app, visitor_id, user_id, min(received)"  # noqa: S608 - a constant
                f" FROM {DATABASE}.pageviews WHERE user_id != 0 AND visitor_id != ''"
                " AND journal_position BETWEEN {first:UInt64} AND {last:UInt64} GROUP BY app, visitor_id, user_id",
                parameters={"first": first, "last": last},
            )

    def erase_users(self, app: int, users: Sequence[int]) -> int:
        """Take from the pageviews of these users whatever could name a person; they are counted on. How many they are.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        facts: dict[str, Any] = {"app": app, "users": list(users)}
        with _unavailable():
            visitors = [row[0] for row in self._client.query(_FIRST_LINKED_TO, parameters=facts).result_rows]
        erased = self._rewrite(
            "pageviews",
            f"UPDATE {', '.join(_ERASED)}, user_id = 0, resolution = 'ERASED'",
            f"app = {{app:UInt32}} AND (user_id IN {{users:Array(UInt64)}}"
            f" OR ({_ANONYMOUS} AND visitor_id IN {{visitors:Array(String)}}))",
            {**facts, "visitors": visitors},
        )
        # Last: without them nobody could tell which of her pageviews are still to be erased.
        self._rewrite("links", "DELETE", "app = {app:UInt32} AND user_id IN {users:Array(UInt64)}", facts)
        return erased

    def erase_pixel(self, pixel: int) -> int:
        """Delete the pageviews of a pixel; how many they were.

        Raises:
            EventsUnavailable: the same call again completes it.
        """
        return self._rewrite("pageviews", "DELETE", "pixel_id = {pixel:Int32}", {"pixel": pixel})

    def _rewrite(self, table: str, what: str, where: str, parameters: dict[str, Any]) -> int:
        # Not the light-weight kinds of either, which leave what is erased in the files until some later merge.
        with _unavailable():
            count = f"SELECT count() FROM {DATABASE}.{table} WHERE {where}"  # noqa: S608 - constants
            rows = int(self._client.query(count, parameters=parameters).result_rows[0][0])
            self._client.command(
                f"ALTER TABLE {DATABASE}.{table} {what} WHERE {where}",
                parameters=parameters,
                settings={"mutations_sync": 2},
            )
            return rows

    def export(self, speakers: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """Every pageview under the field names of the API, by pixel and time; never all of them in memory.

        A user whom `speakers` names is the one it gives.

        Raises:
            EventsUnavailable: it cannot be read.
        """
        columns = list(EXPORT_COLUMNS)
        with _unavailable(), self._client.query_row_block_stream(_EXPORT) as blocks:
            for block in blocks:
                yield from (_exported(dict(zip(columns, row, strict=True)), speakers) for row in block)

    def close(self) -> None:
        """Let go of the files or the connection."""
        self._client.close()


def _exported(row: dict[str, Any], speakers: Mapping[int, int]) -> dict[str, Any]:
    """A row as the API's words have it: what was not given is None."""
    row = {name: None if value == "" else value for name, value in row.items()}
    user_id = row["userId"]
    row["userId"] = str(speakers.get(user_id, user_id)) if user_id else None
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


def _connect(url: str) -> Client:
    scheme = urlsplit(url).scheme
    if scheme == "chdb":
        return clickhouse_connect.get_client(dsn=url, settings=_SESSION, chdb_options=_ENGINE_OPTIONS)
    if scheme in ("clickhouse", "clickhouses"):
        return clickhouse_connect.get_client(dsn=url, settings=_SESSION)
    raise UnknownStore(url=url, role="event store", known="chdb:///path, clickhouse://host")


def migrations() -> list[tuple[int, str, str]]:
    """Number, name and statement of each change of the table, in order."""
    files = (resources.files("heropixel") / "sql" / "events").iterdir()
    named = sorted((file.name, file.read_text()) for file in files if file.name.endswith(".sql"))
    return [(int(name[:4]), name, text) for name, text in named]
