"""A bounded cache for functions that get the same texts again and again from untrusted callers. Pure."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T", str, bytes)
R = TypeVar("R")


def remembered(*, longest: int, most: int = 10_000) -> Callable[[Callable[[T], R]], Callable[[T], R]]:
    """Cache the latest `most` results for texts of at most `longest` characters or bytes. Longer ones are not cached.

    So memory is bounded, no matter what is sent.
    """

    def decorate(work: Callable[[T], R]) -> Callable[[T], R]:
        known = lru_cache(most)(work)

        @wraps(work)
        def answer(text: T) -> R:
            return known(text) if len(text) <= longest else work(text)

        return answer

    return decorate
