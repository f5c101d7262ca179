"""Answers that are remembered, of functions that are asked the same again and again by strangers. Pure."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

R = TypeVar("R")


def remembered(*, longest: int, most: int = 10_000) -> Callable[[Callable[[str], R]], Callable[[str], R]]:
    """Remember the latest answers to texts of at most so many characters, and work those to longer ones out anew.

    So memory is bounded, whatever is sent.
    """

    def decorate(work: Callable[[str], R]) -> Callable[[str], R]:
        known = lru_cache(most)(work)

        @wraps(work)
        def answer(text: str) -> R:
            return known(text) if len(text) <= longest else work(text)

        return answer

    return decorate
