"""The user or visitor of a pageview as one number: the column `actor` holds it, its two highest bits are a mark. Pure.

A user is their id, far below the highest bits. A visitor without a user is a hash of the visitor id, below a mark of
its kind. 0 is no actor. The migrations that make the column repeat the marks, because migrations never change.
"""

from typing import Final

from heropixel.values import DAILY

_MARKED: Final = 1 << 62  # the value of a mark of 1
_VISITOR_ID: Final = 2  # marks
_DAILY_HASH: Final = 3

# The number that the column adds to the hash of a visitor id.
MARK: Final = f"if(startsWith(visitor_id, '{DAILY}'), {_DAILY_HASH}, {_VISITOR_ID}) * 0x{_MARKED:X}"


def is_user(actor: str) -> str:
    """Whether the actor is a user, in SQL."""
    return f"{actor} BETWEEN 1 AND 0x{_MARKED - 1:X}"


def is_visitor(actor: str) -> str:
    """Whether the actor is a visitor, of either kind, in SQL."""
    return f"{actor} >= 0x{_VISITOR_ID * _MARKED:X}"


def is_visitor_id(actor: str) -> str:
    """Whether the actor is a visitor with a lasting id, in SQL."""
    return f"{actor} BETWEEN 0x{_VISITOR_ID * _MARKED:X} AND 0x{_DAILY_HASH * _MARKED - 1:X}"


def is_daily_hash(actor: str) -> str:
    """Whether the actor is a visitor with a daily hash, in SQL."""
    return f"{actor} >= 0x{_DAILY_HASH * _MARKED:X}"
