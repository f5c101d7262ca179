"""Who it was, as one number: what the column `actor` holds, and what its two highest bits say. Pure.

A user is her id, far below the highest bits. A visitor who is no user is a hash of her visitor id, below a mark of its
kind. Nobody is 0. The changes of the event store that make the column have the marks once more, for they never change.
"""

from typing import Final

from heropixel.values import DAILY

_MARKED: Final = 1 << 62  # what a mark counts
_VISITOR_ID: Final = 2  # marks
_DAILY_HASH: Final = 3

# What the column adds to the hash of a visitor id.
MARK: Final = f"if(startsWith(visitor_id, '{DAILY}'), {_DAILY_HASH}, {_VISITOR_ID}) * 0x{_MARKED:X}"


def is_user(actor: str) -> str:
    """Whether it is a user, in SQL."""
    return f"{actor} BETWEEN 1 AND 0x{_MARKED - 1:X}"


def is_visitor(actor: str) -> str:
    """Whether it is a visitor, of either kind, in SQL."""
    return f"{actor} >= 0x{_VISITOR_ID * _MARKED:X}"


def is_visitor_id(actor: str) -> str:
    """Whether it is a visitor of an id that stays the same, in SQL."""
    return f"{actor} BETWEEN 0x{_VISITOR_ID * _MARKED:X} AND 0x{_DAILY_HASH * _MARKED - 1:X}"


def is_daily_hash(actor: str) -> str:
    """Whether it is a visitor of a hash of one day, in SQL."""
    return f"{actor} >= 0x{_DAILY_HASH * _MARKED:X}"
