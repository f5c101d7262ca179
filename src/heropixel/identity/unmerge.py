"""A merge is undone: two people are separate again, and each is suppressed only by their own contacts."""

from sqlalchemy import Connection

from heropixel.directory.merges import find_merge, unmerge
from heropixel.directory.tables import app_of_user
from heropixel.directory.users import User, find_by_ids
from heropixel.errors import MergeNotFound
from heropixel.identity.finders import find_again
from heropixel.identity.identifiers import Index
from heropixel.identity.merging import Merging
from heropixel.identity.suppress import refresh_suppressed
from heropixel.values import id_of


def undo_merge(connection: Connection, app: int, index: Index, merge_id: str, now: int) -> list[User]:
    """Undo a merge of an app, and compute which of the two users is suppressed. Returns both, the older one first.

    Raises:
        MergeNotFound: the app has no such merge that holds.
    """
    found = find_merge(connection, id_of(merge_id) or 0)
    if found is None or found.undone_at is not None or app_of_user(found.one) != app:
        raise MergeNotFound
    unmerge(connection, found.id, now)
    find_again(Merging(connection, app, index, found.origin, now), [found.one, found.other])
    two = find_by_ids(connection, [found.one, found.other])
    refresh_suppressed(connection, app, index, [user.id for user in two.values()], now)
    return sorted(two.values(), key=lambda user: user.id)
