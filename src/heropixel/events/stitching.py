"""Whose an anonymous pageview is: its visitor's earliest user's, however long after it that user was told."""

from heropixel.events.actors import is_visitor
from heropixel.events.store import DATABASE

# Rows whose visitor may turn out to be a user's; what was not resolved for another reason stays nobody's.
NOT_KNOWN = "resolution = 'NOT_KNOWN'"
ANONYMOUS = f"user_id = 0 AND {NOT_KNOWN} AND visitor_id != ''"
ANONYMOUS_ACTOR = f"{is_visitor('actor')} AND {NOT_KNOWN}"  # the same by a shorter column


def _owners(visitor: str, where: str) -> str:
    # Of the links of one visitor: the user of the earliest, of those of one instant the user known longest.
    return f"""
        SELECT {visitor}, argMin(user_id, (linked_at, user_id)) AS owner
        FROM {DATABASE}.links {where} GROUP BY {visitor}
    """  # noqa: S608 - constants


def owners_among(visitors: str, by: str = "visitor_id") -> str:
    """Those of an app's visitors who have an owner, and that `owner`: the user whose their anonymous pageviews are.

    Both the visitors that are asked for and those that are answered are told `by` the id or the `actor`.
    """
    return _owners(by, f"WHERE app = {{app:UInt32}} AND {by} IN ({visitors})")


# Every visitor of every app, with the owner.
ALL_OWNERS = _owners("app, visitor_id", "")

# The visitors who are owned by one of these users, with the owner.
_EVER_THEIRS = (
    f"SELECT visitor_id FROM {DATABASE}.links WHERE app = {{app:UInt32}} AND user_id IN {{users:Array(UInt64)}}"  # noqa: S608 - a constant
)
OWNERS = f"{owners_among(_EVER_THEIRS)} HAVING owner IN {{users:Array(UInt64)}}"
