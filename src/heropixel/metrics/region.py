"""The memory in which the parts of a server count: each part in its own region, all parts read all of them.

It is shared memory without a file, made before the parts are forked. A file that is mapped into memory kills the
process that writes to it on a full disk (docs/decisions/0020).
"""

import mmap
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

_RECORD = 256  # bytes: a number, and the name of what it counts
_RECORDS = 1024  # more than all metrics with all their labels have
REGION_BYTES = _RECORD * _RECORDS
_NUMBER = 8
_LENGTH = 2


class SampleName(NamedTuple):
    """What a number counts."""

    kind: str  # counter, gauge, histogram
    metric: str
    sample: str
    labels: dict[str, str]


class Region:
    """The numbers of one part. Only its process writes them. A process that replaces a dead one counts on."""

    def __init__(self, memory: memoryview) -> None:
        self._memory = memory
        self.numbers = memory.cast("d")
        self._places: dict[bytes, int] = {}

    def begin(self) -> None:
        """Count on where an earlier process of this part has stopped. Its gauges begin at 0."""
        for place, name in self._named():
            self._places[_encoded(name)] = place
            if name.kind == "gauge":
                self.numbers[place] = 0.0

    def place_of(self, name: SampleName) -> int:
        """The place of a number, a new one where the part has not counted it yet."""
        key = _encoded(name)
        place = self._places.get(key)
        if place is None:
            place = self._places[key] = self._add(key)
        return place

    def _add(self, key: bytes) -> int:
        count = int(self.numbers[0])
        if count + 1 >= _RECORDS or len(key) > _RECORD - _NUMBER - _LENGTH:
            return _NOWHERE  # what does not fit is not told: no pageview is refused for it
        start = (count + 1) * _RECORD
        name = start + _NUMBER
        self._memory[name : name + _LENGTH] = len(key).to_bytes(_LENGTH, "little")
        self._memory[name + _LENGTH : name + _LENGTH + len(key)] = key
        self.numbers[0] = count + 1  # last: whoever reads it now sees a whole record
        return start // _NUMBER

    def read(self) -> Iterator[tuple[SampleName, float]]:
        """Every number and what it counts."""
        return ((name, self.numbers[place]) for place, name in self._named())

    def _named(self) -> Iterator[tuple[int, SampleName]]:
        for record in range(1, int(self.numbers[0]) + 1):
            start = record * _RECORD
            name = start + _NUMBER
            length = int.from_bytes(self._memory[name : name + _LENGTH], "little")
            key = self._memory[name + _LENGTH : name + _LENGTH + length]
            yield start // _NUMBER, msgspec.json.decode(key, type=SampleName)


_NOWHERE = 1  # a place in the first record, which is no number's: the first record holds how many there are


def _encoded(name: SampleName) -> bytes:
    return msgspec.json.encode(name)


class Regions:
    """The regions of all parts of a server."""

    def __init__(self, parts: Sequence[str] = ("server",)) -> None:
        size = REGION_BYTES
        memory = memoryview(mmap.mmap(-1, size * len(parts)))  # what nobody writes to takes no memory
        self.of = {part: Region(memory[place * size : (place + 1) * size]) for place, part in enumerate(parts)}
        self.began = time.time()
