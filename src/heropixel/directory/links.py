"""Links without a pageview are stored until the event store has them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from heropixel.directory.dialects import Into
from heropixel.directory.groups import insert_rows
from heropixel.directory.tables import links


class Link(NamedTuple):
    """A browser belongs to a user since a time."""

    app: int
    visitor_id: str
    user_id: int
    linked_at: int  # Unix milliseconds
    evidence: int = 0  # what linked it, see link_evidence.py; 0: not kept


def add_links(connection: Connection, new: Sequence[Link]) -> None:
    """Store links, to be written to the event store."""
    insert_rows(connection, _LINKS, new)


_LINKS = Into(links, Link._fields)


def waiting_links(connection: Connection, limit: int) -> list[tuple[int, Link]]:
    """The oldest links that are not in the event store yet, by their numbers."""
    columns = [links.c.id, *(links.c[name] for name in Link._fields)]
    rows = connection.execute(select(*columns).order_by(links.c.id).limit(limit))
    return [(number, Link(*link)) for number, *link in rows]


def remove_links(connection: Connection, last: int) -> None:
    """Delete links that are in the event store, up to this number."""
    connection.execute(delete(links).where(links.c.id <= last))
