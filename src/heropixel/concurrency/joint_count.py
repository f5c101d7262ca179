"""A count over all processes of a server. Each part has a number of its own, so that a dead one takes none along."""

import mmap
from collections.abc import Sequence


class JointCount:
    """Processes that are forked after it was made share it.

    Each part writes its own number and reads the sum. So there is no lock, and where two parts look at the sum in the
    same microsecond, it may be exceeded by what both add.
    """

    def __init__(self, parts: Sequence[str] = ("server",)) -> None:
        self._places = {part: place for place, part in enumerate(parts)}
        self._numbers = memoryview(mmap.mmap(-1, len(parts) * 8)).cast("q")
        self._own = 0

    def begin(self, part: str) -> None:
        """This process is that part from now on. What an earlier process of it has counted is gone."""
        self._own = self._places[part]
        self._numbers[self._own] = 0

    def add(self, number: int) -> None:
        """Add to this part's number."""
        self._numbers[self._own] += number

    def total(self) -> int:
        """The sum of all parts."""
        return sum(self._numbers)
