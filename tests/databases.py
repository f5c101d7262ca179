"""PostgreSQL databases for worlds."""

import os
import secrets
from functools import cache
from pathlib import Path

import pytest

from heropixel.directory import open_directory
from heropixel.journal.postgres_tables import make_partitions, make_tables
from tests.postgres.server import PostgresServer, server_of_tests

# The variable of the environment that says where the stores of worlds are: `postgresql`, or in their folders.
STORES = "TEST_STORES"

# What a server says of a database without standbys.
ONE_DISK = "accepted by durability=single: what is answered may be lost with one disk"

# The key of the identifiers, for servers without a store in their folder.
KEY = "5" * 64

# Marks a test that looks into the files of a world, or says where they are.
in_folder = pytest.mark.skipif(os.environ.get(STORES) == "postgresql", reason="it is about stores in the folder")

_databases: dict[Path, str] = {}  # of worlds, by their folders


def new_urls(folder: Path) -> dict[str, str]:
    """The settings of the stores of a new world that are in PostgreSQL: a database with an empty directory.

    It is dropped some time after the world's folder is gone.
    """
    for gone in [one for one in _databases if not one.exists()]:
        drop_database(_databases.pop(gone))
    _databases[folder] = new_database()
    url = server_of_tests().url(_databases[folder], durability="single")  # there are no standbys
    return {"directory_url": url, "journal_url": url}


def new_database() -> str:
    """The name of a new database with an empty directory and an empty journal, on the server of this process."""
    name = f"world_{secrets.token_hex(6)}"
    _with_template().run(f"CREATE DATABASE {name} TEMPLATE empty_world STRATEGY file_copy")
    return name


def drop_database(name: str) -> None:
    """Drop it, whoever is connected."""
    server_of_tests().run(f"DROP DATABASE {name} WITH (FORCE)")


@cache
def _with_template() -> PostgresServer:
    server = server_of_tests()
    server.run("CREATE DATABASE empty_world")
    open_directory(server.url("empty_world")).close()
    with server.connect("empty_world") as connection:
        make_tables(connection, "here")
        make_partitions(connection)
    return server
