"""Metrics that nobody counts: they are measured when `/metrics` is asked."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from importlib.metadata import version

import msgspec
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from heropixel.clock import clock
from heropixel.errors import JournalUnavailable
from heropixel.journal import waiting_in
from heropixel.metrics.part_processes import PartProcesses
from heropixel.recording.as_of import received_of
from heropixel.settings import Settings

_KEPT_SECONDS = 2.0  # Linux walks through all memory of a process to tell how much it is, and anybody may ask


class Measures:
    """Measures, for the text of `/metrics`."""

    def __init__(self, settings: Settings, processes: PartProcesses) -> None:
        self._settings = settings
        self._processes = processes
        self._measured_at = float("-inf")
        self._of_parts: list[Metric] = []

    def __call__(self) -> Iterator[Metric]:
        """Everything that is measured."""
        build = GaugeMetricFamily("heropixel_build_info", "The version of the server", labels=["version"])
        build.add_metric([version("heropixel")], 1)
        yield build
        yield from self._backlog()
        yield self._disks()
        if time.monotonic() - self._measured_at >= _KEPT_SECONDS:
            self._of_parts, self._measured_at = [*self._processes.measured()], time.monotonic()
        yield from self._of_parts

    def _backlog(self) -> Iterator[Metric]:
        try:
            waiting = waiting_in(self._settings.url_of_journal())
        except JournalUnavailable:
            return
        yield GaugeMetricFamily("heropixel_journal_pageviews", BACKLOG, value=waiting.entries)
        with contextlib.suppress(msgspec.MsgspecError, ValueError):  # a damaged entry, of which the loader tells
            yield GaugeMetricFamily("heropixel_journal_oldest_seconds", OLDEST, value=age_of(waiting.oldest))

    def _disks(self) -> Metric:
        free = GaugeMetricFamily("heropixel_disk_free_bytes", FREE, labels=["of"])
        for name, folder in self._settings.folders().items():
            with contextlib.suppress(OSError):
                free.add_metric([name], shutil.disk_usage(folder).free)
        return free


BACKLOG = "Pageviews in the journal that are not loaded yet"
OLDEST = "Seconds since the oldest pageview in the journal was received; 0 where there is none"
FREE = "Bytes that are free on the disk of the data folder and on that of the journal"


def age_of(entry: bytes | None) -> float:
    """Seconds since an entry of the journal was received; 0 for none.

    Raises:
        msgspec.MsgspecError, ValueError: the entry is damaged.
    """
    if entry is None:
        return 0.0
    return max(0.0, (clock() - received_of(entry)) / 1000)
