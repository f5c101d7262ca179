"""The revision of apps, pixels and domains: by it every process sees that another one has changed them."""

from sqlalchemy import Connection, select, update

from heropixel.directory.tables import state


def read_revision(connection: Connection) -> int:
    """A number that is another one after every change."""
    return int(connection.execute(select(state.c.revision)).scalar_one())


def bump_revision(connection: Connection) -> None:
    """Tell every process that any of this or a retention has changed; within the transaction that changes it."""
    connection.execute(update(state).values(revision=state.c.revision + 1))
