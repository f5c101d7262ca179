"""The revision of apps, pixels and domains: by it each process notices that another one has changed them."""

from sqlalchemy import Connection, select, update

from heropixel.directory.tables import state


def read_revision(connection: Connection) -> int:
    """A number that differs after every change."""
    return int(connection.execute(select(state.c.revision)).scalar_one())


def bump_revision(connection: Connection) -> None:
    """Let every process notice a change of these or of a retention; within the transaction of that change."""
    connection.execute(update(state).values(revision=state.c.revision + 1))
