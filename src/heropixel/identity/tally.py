"""What became of many persons, in numbers: of a call, or of a file."""

from collections import Counter
from collections.abc import Iterable

from heropixel.identity.batch import Identified, Result


class Tally:
    """Counts persons by their results, and those who were named before in the same call or file."""

    def __init__(self) -> None:
        self.results: Counter[Result] = Counter()
        self.repeated = 0  # persons who were named before
        self.conflicts = 0  # persons with an identifier that joined nobody: it is shared, or somebody else's
        self._seen = _Numbers()

    def add(self, persons: Iterable[Identified]) -> None:
        """Count persons, in their order."""
        for identified in persons:
            self.results[identified.result] += 1
            if identified.user and not self._seen.add(identified.user.id):
                self.repeated += 1
            if identified.conflicts:
                self.conflicts += 1


class _Numbers:
    """A set of numbers that lie close together: a bit for each. A file may have millions of persons."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Add a number. Returns whether it is new."""
        page, place = self._pages.get(number >> _BITS), number & _MASK
        if page is None:
            page = self._pages[number >> _BITS] = bytearray(_BYTES)
        bit = 1 << (place & 7)
        is_new = not page[place >> 3] & bit
        page[place >> 3] |= bit
        return is_new


_BITS = 13  # of a number within its page: a page takes a kilobyte
_MASK = (1 << _BITS) - 1
_BYTES = 1 << _BITS >> 3
