"""Weighted choices, for the tables of the sample world."""

from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Choice(Generic[T]):
    """Things to choose from, each with its weight."""

    def __init__(self, weighted: Iterable[tuple[T, float]]) -> None:
        self.weighted = tuple(weighted)
        self._sums = [*accumulate(weight for _, weight in self.weighted)]

    def of(self, rng: Random) -> T:
        """One of them."""
        return self.weighted[bisect(self._sums, rng.random() * self._sums[-1])][0]
