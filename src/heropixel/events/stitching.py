"""Whose an anonymous pageview is: its visitor's earliest user's, however long after it that user was told."""

from heropixel.events.store import DATABASE

# Rows whose visitor may turn out to be a user's; what was not resolved for another reason stays nobody's.
ANONYMOUS = "user_id = 0 AND resolution = 'NOT_KNOWN' AND visitor_id != ''"

# Of the links of one visitor: the user of the earliest, of those of one instant the user who has been known longest.
FIRST_USER = "argMin(user_id, (linked_at, user_id))"

# The visitors whose first user is one of these, and who that is: whose their anonymous pageviews are.
OWNERS = f"""
    SELECT visitor_id, {FIRST_USER} AS owner
    FROM {DATABASE}.links
    WHERE app = {{app:UInt32}} AND visitor_id IN
    (
        SELECT visitor_id FROM {DATABASE}.links WHERE app = {{app:UInt32}} AND user_id IN {{users:Array(UInt64)}}
    )
    GROUP BY visitor_id
    HAVING owner IN {{users:Array(UInt64)}}
"""  # noqa: S608 - constants
