"""The numbers behind the metrics of this process, which lie in the region of its part."""

import mmap
from collections.abc import Sequence
from threading import Lock

from heropixel.metrics.region import REGION_BYTES, Region, SampleName


class RegionValue:
    """One number of a metric. The client library makes one for each combination of labels, with these arguments."""

    _multiprocess = False  # the library asks for it

    def __init__(
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: Sequence[str],
        labelvalues: Sequence[str],
        help_text: str,  # noqa: ARG002 - the library gives it
        **_more: object,
    ) -> None:
        self._name = SampleName(typ, metric_name, name, dict(zip(labelnames, labelvalues, strict=True)))
        self._lock = Lock()  # threads of a process may count the same
        with _own.lock:
            _own.values.append(self)
            self.move(_own.region)

    def move(self, region: Region) -> None:
        """Count in this region from now on."""
        self._numbers, self._place = region.numbers, region.place_of(self._name)

    def inc(self, amount: float) -> None:
        """Add to the number."""
        with self._lock:
            self._numbers[self._place] += amount

    def set(self, value: float, timestamp: float | None = None) -> None:  # noqa: ARG002 - the library may give it
        """Replace the number."""
        with self._lock:
            self._numbers[self._place] = value

    def get(self) -> float:
        """The number."""
        return self._numbers[self._place]

    def get_exemplar(self) -> None:
        """There are no exemplars."""


class _Own:
    """All numbers of this process, and where they lie."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.values: list[RegionValue] = []
        self.region = Region(memoryview(mmap.mmap(-1, REGION_BYTES, mmap.MAP_PRIVATE)))  # until the process is a part


_own = _Own()


def count_in(region: Region) -> None:
    """Count in this region from now on. What the process has counted before is left behind."""
    region.begin()
    with _own.lock:
        _own.region = region
        for value in _own.values:
            value.move(region)
