"""Saved views: what the dashboard shows, kept under a name by a member for themselves, or for everybody of an app."""

import secrets
import unicodedata
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from heropixel.directory.names import usable_name
from heropixel.directory.pixels import find_pixel
from heropixel.directory.view_tables import saved_views
from heropixel.members.refusals import TooManyViews, ViewNameTaken, ViewNotFound

MOST = 200  # of one member in an app, and as many of the app itself
MAX_NAME = 100
_ID_PREFIX = "view_"


class SavedView(NamedTuple):
    """A saved view. Times are in Unix milliseconds."""

    id: str
    app: int
    member: str | None  # None: everybody of the app sees it
    pixel: int | None  # None: it is offered at all pixels
    name: str
    shows: str  # JSON, see reports/viewed.py
    created_at: int
    changed_at: int


def list_views(connection: Connection, app: int, member: str | None, pixel: int | None = None) -> list[SavedView]:
    """The views that a member sees: those of the app and their own; None: those of the app. In the order of names.

    With a pixel only those that are offered there.
    """
    seen = or_(saved_views.c.member.is_(None), and_(saved_views.c.member == member, saved_views.c.app == app))
    rows = select(saved_views).where(saved_views.c.app == app, seen)
    if pixel is not None:
        rows = rows.where(or_(saved_views.c.pixel.is_(None), saved_views.c.pixel == pixel))
    views = [SavedView(*row) for row in connection.execute(rows)]
    return sorted(views, key=lambda view: (_compared(view.name), view.member is None))


def find_view(connection: Connection, app: int, member: str | None, view_id: str) -> SavedView:
    """A view that a member sees.

    Raises:
        ViewNotFound: they see no such view.
    """
    for view in list_views(connection, app, member):
        if view.id == view_id:
            return view
    raise ViewNotFound


def save_view(
    connection: Connection, app: int, member: str | None, pixel: int | None, name: str, shows: str, now: int
) -> SavedView:
    """Keep a view for a member; None: for everybody. `shows` is checked already.

    Raises:
        PixelNotFound: the app has no such pixel.
        InvalidName: the name is empty, too long or cannot be printed.
        ViewNameTaken: the member, or the app, has a view of that name.
        TooManyViews: they have as many as they may have.
    """
    if pixel is not None:
        find_pixel(connection, pixel, app)
    kept = _of_owner(connection, app, member)
    if len(kept) >= MOST:
        raise TooManyViews(limit=MOST)
    view = SavedView(
        _ID_PREFIX + secrets.token_hex(8), app, member, pixel, _free_name(name, kept), shows, now, changed_at=now
    )
    connection.execute(insert(saved_views).values(view._asdict()))
    return view


def change_view(connection: Connection, view: SavedView, name: str | None, shows: str | None, now: int) -> SavedView:
    """Give a view another name, or let it show something else, or both. None: it stays.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
        ViewNameTaken: another view of the same owner has the name.
    """
    others = [kept for kept in _of_owner(connection, view.app, view.member) if kept.id != view.id]
    changed = view._replace(
        name=view.name if name is None else _free_name(name, others),
        shows=view.shows if shows is None else shows,
        changed_at=now,
    )
    connection.execute(update(saved_views).where(saved_views.c.id == view.id).values(changed._asdict()))
    return changed


def remove_view(connection: Connection, view: SavedView) -> None:
    """Remove a view."""
    connection.execute(delete(saved_views).where(saved_views.c.id == view.id))


def _of_owner(connection: Connection, app: int, member: str | None) -> list[SavedView]:
    return [view for view in list_views(connection, app, member) if view.member == member]


def _free_name(given: str, others: list[SavedView]) -> str:
    name = usable_name(given, MAX_NAME)
    if _compared(name) in {_compared(view.name) for view in others}:
        raise ViewNameTaken(name=name)
    return name


def _compared(name: str) -> str:
    """A name without its case, and in one of the spellings that Unicode has for the same letters."""
    return unicodedata.normalize("NFKC", name).casefold()
