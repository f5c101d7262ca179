"""Callers and imports say who people are: users are created, completed and merged, many in one transaction.

All identifiers of one call belong to one person, unless several people share one of them: see `joining.py`. The order
of calls makes no difference. A visitor merges nobody: it is a browser, which several people may use.
"""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack

from sqlalchemy import Connection

from heropixel.directory import MOST_BETWEEN_STATEMENTS, Directory
from heropixel.directory.merges import End, last_merge, members_of, merge, merges_since
from heropixel.directory.tables import app_of_user
from heropixel.directory.users import User
from heropixel.identity.batch import Identified, MergeOrigin, Result, ToIdentify
from heropixel.identity.deciding import decide
from heropixel.identity.finders import find_again
from heropixel.identity.identifiers import Index
from heropixel.identity.merging import Merging


def identify_many(directory: Directory, batch: ToIdentify) -> list[Identified]:
    """Create, complete or merge the users of these persons, as if they came one after the other.

    Identifiers without a user become the user's. Users that one person names are merged, and the older one survives.
    The call is idempotent.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory failed. Nothing was written.
    """
    with directory.writing() as connection:
        return identify_within(connection, batch)


def identify_within(connection: Connection, batch: ToIdentify) -> list[Identified]:
    """The same within a transaction of the caller."""
    identified: list[Identified] = []
    for some in batch.parts(MOST_BETWEEN_STATEMENTS):
        decided = decide(connection, some)
        decided.write()
        identified += decided.identified
    return identified


def identify_ahead(
    directory: Directory,
    batch: ToIdentify,
    writer: Executor,
    finish: Callable[[Connection, list[Identified]], list[Identified]],
) -> Future[list[Identified]]:
    """As `identify_many`: what becomes of them is decided when it returns, and written by `writer`, which then calls
    `finish` in the same transaction. The caller has the interpreter for the next persons while the database writes.
    They are as many as the directory takes rows at once.
    """
    with ExitStack() as unless_submitted:
        connection = unless_submitted.enter_context(directory.writing())
        decided = decide(connection, batch)
        transaction = unless_submitted.pop_all()

    def write() -> list[Identified]:
        with transaction:
            decided.write()
            return finish(connection, decided.identified)

    return writer.submit(write)


def merge_by_hand(
    connection: Connection, index: Index, one: User, other: User, origin: MergeOrigin, now: int
) -> Identified:
    """Merge two users by hand, even if a merge of them was undone before."""
    if one.id == other.id:
        return Identified(Result.UNCHANGED, one)
    before = last_merge(connection)
    user = merge(connection, End(one.id), End(other.id), origin, now)
    find_again(Merging(connection, app_of_user(user.id), index, origin, now), [user.id])
    return Identified(Result.MERGED, user, merges=merges_since(connection, before, members_of(connection, user.id)))
