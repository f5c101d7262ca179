"""PostgreSQL databases for worlds, on one server of this process."""

import atexit
import secrets
from functools import cache

from heropixel.directory import open_directory
from tests.postgres.server import PostgresServer


def new_urls() -> dict[str, str]:
    """The settings of the stores of a new world that are in PostgreSQL: a database with an empty directory."""
    server = _server()
    name = f"world_{secrets.token_hex(6)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE empty_world STRATEGY file_copy")
    url = server.url(name, durability="single")  # there are no standbys
    return {"directory_url": url, "journal_url": url}


@cache
def _server() -> PostgresServer:
    server = PostgresServer()
    atexit.register(server.remove)
    server.run("CREATE DATABASE empty_world")
    open_directory(server.url("empty_world")).close()
    return server
