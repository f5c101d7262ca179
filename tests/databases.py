"""PostgreSQL databases for worlds, on one server of this process."""

import atexit
import os
import secrets
from functools import cache

import pytest

from heropixel.directory import open_directory
from tests.postgres.server import PostgresServer

# The variable of the environment that says where the stores of worlds are: `postgresql`, or in their folders.
STORES = "TEST_STORES"

# Marks a test that looks into the files of a world, or says where they are.
in_folder = pytest.mark.skipif(os.environ.get(STORES) == "postgresql", reason="it is about stores in the folder")


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
