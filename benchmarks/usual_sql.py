"""The same overview on PostgreSQL: the same rows, good indexes, and usual SQL.

    python -m benchmarks.usual_sql FOLDER ADDRESS

fills it from a world's stores, in a process of its own, because an event store is open in one process at a time.

Four things favour PostgreSQL here. Its rows are stored in the order of pixel and time. It has only the columns that the
overview needs. The users of anonymous pageviews are computed beforehand. Nothing is written meanwhile.
"""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import clickhouse_connect
import psycopg
from tests.postgres.server import PostgresServer

from benchmarks.postgres import MAJOR, tuned
from benchmarks.world import World
from heropixel.settings import Settings

Connection = psycopg.Connection[tuple[Any, ...]]

BREAKDOWNS: Final = ("path", "source", "channel", "utm_campaign", "country", "browser", "os", "device")
TOP: Final = 10


class Day(NamedTuple):
    """A row of the time series."""

    day: date
    pageviews: int
    visitors: int
    sessions: int
    identified: int


class Top(NamedTuple):
    """A row of a breakdown."""

    value: str
    visitors: int
    pageviews: int


class Overview(NamedTuple):
    """The figures that both are asked for."""

    days: list[Day]
    tops: dict[str, list[Top]]  # by column


def filled(world: World) -> PostgresServer:
    """A server with the rows of a kept world. It is filled once, and its files are kept next to the world."""
    folder = world.folder.with_suffix(f".postgres{MAJOR}")
    done = folder.with_name(f"{folder.name}.filled")
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
    server = tuned(folder)
    if not done.exists():
        fill = [sys.executable, "-m", "benchmarks.usual_sql", str(world.folder), server.url()]
        try:
            subprocess.run(fill, check=True)
        except subprocess.CalledProcessError:
            server.remove()
            raise
        done.touch()
    return server


def ask(connection: Connection, pixel: int, begin: datetime, end: datetime) -> Overview:
    """The overview of a pixel, by one statement after the other."""
    facts = {"pixel": pixel, "begin": begin, "end": end}
    days = [Day(*row) for row in connection.execute(_DAYS, facts)]
    tops = {
        column: [Top(*row) for row in connection.execute(_TOP.format(column=column, top=TOP), facts)]
        for column in BREAKDOWNS
    }
    return Overview(days, tops)


# The person of a pageview: its surviving user, else the first user of its visitor, else its visitor.
_SEEN: Final = """
    SELECT p.*, coalesce(s.survivor, nullif(p.user_id, 0), o.owner) AS person
    FROM pageviews p
    LEFT JOIN owners o
        ON p.user_id = 0 AND p.resolution = 'NOT_KNOWN' AND o.app = p.app AND o.visitor_id = p.visitor_id
    LEFT JOIN survivors s ON s.user_id = p.user_id
    WHERE p.pixel_id = %(pixel)s AND p.timestamp >= %(begin)s AND p.timestamp < %(end)s AND p.bot = ''
"""

# A number, since PostgreSQL sorts and hashes numbers faster than texts. The product does the same.
_ACTOR: Final = "coalesce(person, CASE WHEN visitor_id != '' THEN hashtextextended(visitor_id, 0) END)"

_DAYS: Final = f"""
    SELECT timestamp::date AS day, count(*), count(DISTINCT actor), count(*) FILTER (WHERE begins),
        count(DISTINCT person)
    FROM
    (
        SELECT timestamp, actor, person,
            actor IS NOT NULL AND coalesce(timestamp - lag(timestamp) OVER one >= '30 minutes', true) AS begins
        FROM (SELECT timestamp, person, {_ACTOR} AS actor FROM ({_SEEN}) AS seen) AS acted
        WINDOW one AS (PARTITION BY actor ORDER BY timestamp)
    ) AS visited
    GROUP BY day ORDER BY day
"""

# Faster than count(DISTINCT), which sorts.
_TOP: Final = f"""
    SELECT value, count(actor) AS visitors, sum(pageviews)::bigint AS pageviews
    FROM
    (
        SELECT {{column}} AS value, {_ACTOR} AS actor, count(*) AS pageviews
        FROM ({_SEEN}) AS seen GROUP BY value, actor
    ) AS acted
    GROUP BY value ORDER BY visitors DESC, value LIMIT {{top}}
"""


def main() -> None:
    """The entry point of the process."""
    folder, address = sys.argv[1:]
    settings = Settings(data=Path(folder))
    client = clickhouse_connect.get_client(dsn=settings.url_of_events())
    with psycopg.connect(address) as connection:
        for statement in _TABLES:
            connection.execute(statement)
        for table, rows in (("pageviews", _PAGEVIEWS), ("owners", _OWNERS)):
            stream: Any = client.raw_stream(rows, fmt="TabSeparated")  # a file, as the client is not async
            with closing(stream), connection.cursor().copy(f"COPY {table} FROM STDIN (FREEZE)") as copy:
                while some := stream.read(1 << 20):
                    copy.write(some)
        with connection.cursor().copy("COPY survivors FROM STDIN (FREEZE)") as copy:
            for row in sqlite3.connect(Path(folder) / "directory.sqlite3").execute(_SURVIVORS):
                copy.write_row(row)
        # Links may also lead to merged users.
        connection.execute("UPDATE owners SET owner = survivor FROM survivors WHERE user_id = owner")
        for statement in _INDEXES:
            connection.execute(statement)
    client.close()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


_TABLES: Final = (
    """
    CREATE TABLE pageviews
    (
        timestamp timestamptz NOT NULL, user_id bigint NOT NULL, pixel_id int NOT NULL, app int NOT NULL,
        visitor_id text NOT NULL, resolution text NOT NULL, bot text NOT NULL,
        path text NOT NULL, source text NOT NULL, channel text NOT NULL, utm_campaign text NOT NULL,
        country text NOT NULL, browser text NOT NULL, os text NOT NULL, device text NOT NULL
    )
    """,
    "CREATE TABLE owners (app int NOT NULL, visitor_id text NOT NULL, owner bigint NOT NULL)",
    "CREATE TABLE survivors (user_id bigint NOT NULL, survivor bigint NOT NULL)",
)
# A covering index would be a copy of such narrow rows. A block index (BRIN) finds the same blocks.
_INDEXES: Final = (
    "CREATE INDEX ON pageviews (pixel_id, timestamp)",
    "CREATE UNIQUE INDEX ON owners (app, visitor_id) INCLUDE (owner)",
    "CREATE UNIQUE INDEX ON survivors (user_id) INCLUDE (survivor)",
)
_PAGEVIEWS: Final = """
    SELECT timestamp, user_id, pixel_id, app, visitor_id, resolution, bot, path, source, channel,
        utm_campaign, country, browser, os, device
    FROM heropixel.pageviews ORDER BY pixel_id, timestamp
"""
_OWNERS: Final = """
    SELECT app, visitor_id, argMin(user_id, (linked_at, user_id)) FROM heropixel.links GROUP BY app, visitor_id
    ORDER BY app, visitor_id
"""
_SURVIVORS: Final = "SELECT id, merged_into FROM users WHERE merged_into IS NOT NULL ORDER BY id"


if __name__ == "__main__":
    main()
