"""Metrics are of the whole server: its parts are real processes here, which are forked, killed and replaced."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from heropixel import metrics
from heropixel.metrics.exposition import Exposition
from heropixel.metrics.part_processes import PartProcesses
from heropixel.metrics.region import Regions, SampleName
from heropixel.metrics.value import count_in

PARTS = ("door-1", "door-2", "writer")


class Parts:
    """Parts that run a function and then wait to be killed."""

    def __init__(self) -> None:
        self.regions, self.processes = Regions(PARTS), PartProcesses(PARTS)
        self.exposition = Exposition(self.regions, self.processes.measured)
        self.running: dict[str, multiprocessing.process.BaseProcess] = {}

    def run(self, part: str, work: Callable[[], None]) -> None:
        """Run it in a new process of this part, up to its end."""
        forking = multiprocessing.get_context("fork")
        done = forking.Event()

        def begin() -> None:
            count_in(self.regions.of[part])
            self.processes.begin(part)
            work()
            done.set()
            signal.pause()

        self.running[part] = forking.Process(target=begin)
        self.running[part].start()
        assert done.wait(30)

    def kill(self, part: str) -> None:
        """kill -9."""
        self.running[part].kill()
        self.running[part].join()

    def told(self, sample: str, **labels: str) -> float | None:
        """The value of a sample, None where it is not there."""
        for family in text_string_to_metric_families(self.exposition.text().decode()):
            for found in family.samples:
                if (found.name, found.labels) == (sample, labels):
                    return found.value
        return None


@pytest.fixture
def parts() -> Iterator[Parts]:
    made = Parts()
    yield made
    for part in made.running:
        made.kill(part)


def work() -> None:
    metrics.beacons.inc(2)
    metrics.refused.labels("PIXEL_NOT_FOUND").inc()
    metrics.live_subscribers.inc(3)
    metrics.group_size.observe(5)
    metrics.group_size.observe(500)


@pytest.mark.process
def test_each_number_is_the_sum_of_all_parts(parts: Parts) -> None:
    for part in PARTS:
        parts.run(part, work)
    assert parts.told("heropixel_beacons_total") == 6
    assert parts.told("heropixel_refused_total", reason="PIXEL_NOT_FOUND") == 3
    assert parts.told("heropixel_live_subscribers") == 9
    sizes = [parts.told("heropixel_group_pageviews_bucket", le=le) for le in ("4.0", "16.0", "256.0", "1024.0", "+Inf")]
    assert sizes == [0, 3, 3, 6, 6]
    assert (parts.told("heropixel_group_pageviews_count"), parts.told("heropixel_group_pageviews_sum")) == (6, 1515)


@pytest.mark.process
def test_no_counter_goes_back_when_a_part_is_killed_and_replaced_and_its_gauges_begin_anew(parts: Parts) -> None:
    parts.run("door-1", work)
    parts.run("door-2", work)
    parts.kill("door-1")
    assert parts.told("heropixel_beacons_total") == 4
    parts.run("door-1", work)
    assert parts.told("heropixel_beacons_total") == 6
    assert parts.told("heropixel_refused_total", reason="PIXEL_NOT_FOUND") == 3
    assert parts.told("heropixel_group_pageviews_count") == 6
    assert parts.told("heropixel_live_subscribers") == 6


@pytest.mark.process
def test_memory_and_processor_time_are_told_of_each_part_and_the_time_goes_on_in_a_new_process(parts: Parts) -> None:
    def busy() -> None:
        until = time.process_time() + 0.1
        while time.process_time() < until:
            pass

    parts.run("door-1", busy)
    parts.run("writer", lambda: None)
    memory = parts.told("heropixel_resident_memory_bytes", part="door-1")
    assert memory is not None
    assert memory > 1_000_000
    assert parts.told("heropixel_resident_memory_bytes", part="door-2") is None, "it has not begun"
    before = parts.told("heropixel_cpu_seconds_total", part="door-1")
    assert before is not None
    assert before >= 0.09
    parts.kill("door-1")
    assert parts.told("heropixel_cpu_seconds_total", part="door-1") == before
    assert parts.told("heropixel_resident_memory_bytes", part="door-1") is None
    parts.run("door-1", busy)
    after = parts.told("heropixel_cpu_seconds_total", part="door-1")
    assert after is not None
    assert after >= before + 0.09


def test_what_has_no_room_is_not_told_and_harms_nothing() -> None:
    region = Regions(("door-1",)).of["door-1"]
    for number in range(2_000):
        name = SampleName("counter", "many", "many_total", {"number": str(number)})
        region.numbers[region.place_of(name)] += 1
    long = SampleName("counter", "long", "long_total", {"label": "x" * 300})
    region.numbers[region.place_of(long)] += 1
    told = {name.labels["number"]: number for name, number in region.read()}
    assert len(told) == 1_023
    assert {*told.values()} == {1.0}
