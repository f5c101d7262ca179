"""How many browsers a user may have by what pages say: anybody who knows a user's digest can link browsers to them.

What your backend links with credentials is not bounded.
"""

import sys
from collections import Counter
from collections.abc import Collection

from sqlalchemy import Connection, func, select

from heropixel.directory.tables import identifiers
from heropixel.directory.users import Identifier
from heropixel.identity.identifiers import IdentifierKind

UNBOUNDED = sys.maxsize


def beyond_bound(connection: Connection, new: Collection[Identifier], most: int) -> set[bytes]:
    """The keys of new links of browsers that would give their user more than so many."""
    if most == UNBOUNDED or not new:
        return set()
    counts = _browsers_of(connection, {user for _, user, *_ in new})
    beyond = set()
    for key, user, kind, *_ in new:
        if kind == IdentifierKind.VISITOR_ID:
            counts[user] += 1
            if counts[user] > most:
                beyond.add(key)
    return beyond


def _browsers_of(connection: Connection, users: Collection[int]) -> Counter[int]:
    where = (identifiers.c.user_id.in_(users), identifiers.c.lone, identifiers.c.kind == IdentifierKind.VISITOR_ID)
    rows = connection.execute(select(identifiers.c.user_id, func.count()).where(*where).group_by(identifiers.c.user_id))
    return Counter({int(user): int(count) for user, count in rows})
