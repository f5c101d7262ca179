"""The database of `usual_api`, filled from a world, and the program started on it as its manuals say.

What favours it: no foreign keys, one index for reports, connections that are not reset, and a domain that is stored
without being checked.
"""

import csv
import hashlib
import importlib.util
import json
import sys
from typing import Final

from tests.postgres.server import PostgresServer

from benchmarks.servers import HOST, Server, free_port
from benchmarks.stage import RUN
from benchmarks.world import World, write_csv

WORKERS: Final = 2
_NAME: Final = "usual"  # of its database: on the server of the node, and not in the node's

_TABLES: Final = """
    CREATE TABLE apps (id text PRIMARY KEY, secret_sha256 bytea NOT NULL);
    CREATE TABLE pixels (id int PRIMARY KEY, app_id text NOT NULL);
    CREATE TABLE users (id bigint PRIMARY KEY, traits jsonb NOT NULL);
    CREATE TABLE contacts (app_id text, hash bytea, user_id bigint NOT NULL, PRIMARY KEY (app_id, hash));
    CREATE TABLE pageviews (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        pixel_id int NOT NULL,
        user_id bigint,
        visitor_id text,
        url text,
        domain text,
        received timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX ON pageviews (pixel_id, received);
"""
_HASHES: Final = ("sha256", "sha1", "md5")


def check_installed() -> None:
    """Check that its packages are there, before anything is measured.

    Raises:
        SystemExit: they are not.
    """
    if missing := [name for name in ("asyncpg", "fastapi", "strawberry") if importlib.util.find_spec(name) is None]:
        raise SystemExit(f"{', '.join(missing)} cannot be imported. `make bench` installs the group `bench`.")


def spawn_usual(database: PostgresServer, world: World) -> Server:
    """Fill a database of its own on this server with the users of a world, and start it."""
    _fill(database, world)
    port = free_port()
    where = ("--host", HOST, "--port", str(port), "--workers", str(WORKERS))
    how = ("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")
    command = [sys.executable, "-m", "uvicorn", "benchmarks.usual_api:app", *where, *how]
    return Server(command, port, RUN / "usual.log", {"DATABASE_URL": database.url(_NAME)})


def _fill(database: PostgresServer, world: World) -> None:
    database.run(f"CREATE DATABASE {_NAME}")
    users = RUN / "usual.csv"
    write_csv(users, range(world.users))
    with database.connect(_NAME) as connection, connection.cursor() as cursor, users.open(encoding="utf-8") as file:
        cursor.execute(_TABLES)
        secret = hashlib.sha256(world.app_secret.encode()).digest()
        cursor.execute("INSERT INTO apps VALUES (%s, %s)", (world.app_id, secret))
        cursor.execute("INSERT INTO pixels VALUES (%s, %s)", (world.pixel, world.app_id))
        people = [(row.pop("email"), row) for row in csv.DictReader(file)]
        with cursor.copy("COPY users FROM STDIN") as copy:
            for number, (_, traits) in enumerate(people):
                copy.write_row((number, json.dumps(traits)))
        with cursor.copy("COPY contacts FROM STDIN") as copy:
            for number, (email, _) in enumerate(people):
                for name in _HASHES:
                    copy.write_row((world.app_id, hashlib.new(name, email.encode()).digest(), number))
        cursor.execute("VACUUM ANALYZE")
    users.unlink()
