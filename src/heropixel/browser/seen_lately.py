"""Which visitors were seen lately: one table in memory for all processes of a server, of fixed size."""

import mmap
from collections.abc import Callable, Iterator

from heropixel.events.sessions import PAUSE

_BITS = 14  # buckets: with eight visitors each, 131,072 visitors in 2 MB
_PLACES = 8  # visitors of a bucket


class SeenLately:
    """When each visitor was seen last, for as long as a pause in a visit may take. Nothing else is remembered.

    Processes that are forked after it was made share it. A visitor has a bucket by the hash, and in a full bucket takes
    the place of the one who was seen longest ago: that one counts as a new visitor after midnight.

    There is no lock. Where two processes see the first two visitors of a place within a microsecond, one of them is
    forgotten.
    """

    def __init__(self, clock: Callable[[], int], bits: int = _BITS) -> None:
        """It has 2 to the power of `bits` buckets. `clock` is in Unix milliseconds."""
        self._clock = clock
        self._mask = (1 << bits) - 1
        # Of each place the first half of the hash, then Unix milliseconds. Half a hash tells 131,072 visitors apart.
        self._table = memoryview(mmap.mmap(-1, (_PLACES << bits) * 16)).cast("Q")
        self._swept = 0

    @property
    def buckets(self) -> int:
        """How many there are."""
        return self._mask + 1

    def at(self, visitor: bytes) -> int:
        """When a visitor, given by a hash of 16 bytes, was seen last; 0: not lately."""
        key, start = self._key(visitor)
        table = self._table
        for place in range(start, start + 2 * _PLACES, 2):
            if table[place] == key:
                return table[place + 1]
        return 0

    def see(self, visitor: bytes, at: int) -> None:
        """A visitor was seen, at this time in Unix milliseconds."""
        key, start = self._key(visitor)
        table = self._table
        oldest = start
        for place in range(start, start + 2 * _PLACES, 2):
            if table[place] == key:
                oldest = place
                break
            if table[place + 1] < table[oldest + 1]:
                oldest = place
        table[oldest], table[oldest + 1] = key, at

    def forget_old(self, buckets: int) -> None:
        """Forget who was not seen lately, in the next so many buckets: a second of them takes a millisecond."""
        now, table = self._clock(), self._table
        for _ in range(buckets):
            start = self._swept * 2 * _PLACES
            self._swept = (self._swept + 1) & self._mask
            for place in range(start, start + 2 * _PLACES, 2):
                if table[place] and abs(now - table[place + 1]) >= PAUSE:
                    table[place] = table[place + 1] = 0

    def __iter__(self) -> Iterator[int]:
        """The times of all who are remembered, in no order."""
        return (at for key, at in zip(self._table[::2], self._table[1::2], strict=True) if key)

    def _key(self, visitor: bytes) -> tuple[int, int]:
        """What stands for a visitor, and where the bucket starts."""
        number = int.from_bytes(visitor[:8]) or 1  # 0: nobody
        return number, (int.from_bytes(visitor[8:12]) & self._mask) * 2 * _PLACES
