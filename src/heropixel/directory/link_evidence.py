"""What linked a visitor to a user, and when, as one number: a column keeps the largest, which is the earliest evidence.

The event store makes the same number of pageviews in SQL (`events/store.py` and `sql/events/`).
"""

from enum import IntEnum
from typing import Final, NamedTuple


class LinkedBy(IntEnum):
    """What links a visitor. The number is stored; the names are the contract's enum `LinkedBy`."""

    PAGEVIEW = 1
    BROWSER_PAGEVIEW = 2
    IMPORTED_PAGEVIEW = 3
    IDENTIFY = 4
    COMMAND = 5
    BROWSER_IDENTIFY = 6


class LinkEvidence(NamedTuple):
    """The earliest evidence of a link."""

    by: LinkedBy
    key: str | None  # the identifier that named the user, a value of the contract's enum `Identifier`; None: not kept
    at: int  # Unix milliseconds


_KEYS: Final = ("", "EXTERNAL_ID", "EMAIL", "SHA256", "SHA1", "MD5", "PHONE")
_END: Final = 1 << 48  # milliseconds; beyond every time that a store takes


def packed(by: LinkedBy, key: str, at: int) -> int:
    """The number of a piece of evidence."""
    return ((_END - at) << 8) + (by << 4) + (_KEYS.index(key) if key in _KEYS else 0)


def unpacked(number: int) -> LinkEvidence | None:
    """The evidence of a number; None where it was not kept."""
    if not number:
        return None
    kind = number & 0xFF
    return LinkEvidence(LinkedBy(kind >> 4), _KEYS[kind & 0xF] or None, _END - (number >> 8))
