"""The user of an anonymous pageview: it is the earliest linked user of its visitor, however late the link came."""

from heropixel.events.actors import is_visitor

# Rows that stitching may give a user. Rows that were not resolved for another reason have no user.
NOT_KNOWN = "resolution = 'NOT_KNOWN'"
ANONYMOUS = f"user_id = 0 AND {NOT_KNOWN} AND visitor_id != ''"
ANONYMOUS_ACTOR = f"{is_visitor('actor')} AND {NOT_KNOWN}"  # the same by a shorter column


def _owners(visitor: str, where: str) -> str:
    # Of the links of one visitor: the user of the earliest link. Links of one batch differ in time, too. The id only
    # decides between imported pageviews of one visitor at one instant.
    return f"""
        SELECT {visitor}, argMin(user_id, (linked_at, user_id)) AS owner
        FROM links {where} GROUP BY {visitor}
    """  # noqa: S608 - constants


def owners_among(visitors: str, by: str = "visitor_id") -> str:
    """The visitors of an app who have an owner, and that `owner`: the user of their anonymous pageviews.

    `by` is the column that names visitors, in `visitors` and in the answer: the id or the `actor`.
    """
    return _owners(by, f"WHERE app = {{app:UInt32}} AND {by} IN ({visitors})")


# Every visitor of every app, with the owner.
ALL_OWNERS = _owners("app, visitor_id", "")

# The visitors owned by one of these users, with the owner.
_EVER_THEIRS = "SELECT visitor_id FROM links WHERE app = {app:UInt32} AND user_id IN {users:Array(UInt64)}"
OWNERS = f"{owners_among(_EVER_THEIRS)} HAVING owner IN {{users:Array(UInt64)}}"
