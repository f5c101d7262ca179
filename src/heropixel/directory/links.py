"""Links that were told without a pageview, until the event store knows of them."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from heropixel.directory.groups import insert_rows
from heropixel.directory.tables import links


class Link(NamedTuple):
    """That a browser is a user's since then."""

    app: int
    visitor_id: str
    user_id: int
    linked_at: int  # Unix milliseconds


def add_links(connection: Connection, new: Sequence[Link]) -> None:
    """Write links, to be told."""
    insert_rows(connection, "INSERT INTO links (app, visitor_id, user_id, linked_at) VALUES", "", new)


def waiting_links(connection: Connection, limit: int) -> list[tuple[int, Link]]:
    """The oldest links that are not told yet, by their numbers."""
    columns = [links.c.id, *(links.c[name] for name in Link._fields)]
    rows = connection.execute(select(*columns).order_by(links.c.id).limit(limit))
    return [(number, Link(*link)) for number, *link in rows]


def remove_links(connection: Connection, last: int) -> None:
    """Forget links that are told, up to this number."""
    connection.execute(delete(links).where(links.c.id <= last))
