"""Nobody fills the disk with the log: of the lines of one kind, some a minute are written, and the rest is counted."""

import logging

import pytest
import structlog

from heropixel import metrics
from heropixel.cli.log_lines import MOST, MOST_KINDS, SECONDS, RepeatedLines


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lines(clock: Clock) -> RepeatedLines:
    return RepeatedLines(clock)


def written(lines: RepeatedLines, method: str, count: int, text: str = "it failed") -> list[dict[str, object]]:
    events = []
    for number in range(count):
        try:
            events.append({**lines.limit(None, method, {"event": text, "number": number})})
        except structlog.DropEvent:
            continue
    return events


def test_some_lines_of_one_kind_are_written_a_minute_and_the_next_says_how_many_were_left_out(
    lines: RepeatedLines, clock: Clock
) -> None:
    before = metrics.log_lines_left_out._value.get()
    assert len(written(lines, "warning", 1_000)) == MOST
    assert metrics.log_lines_left_out._value.get() - before == 1_000 - MOST
    clock.now += SECONDS
    assert written(lines, "warning", 2) == [
        {"event": "it failed", "number": 0, "left_out": 1_000 - MOST},
        {"event": "it failed", "number": 1},
    ]


def test_lines_of_another_kind_are_written_meanwhile(lines: RepeatedLines) -> None:
    written(lines, "error", 1_000)
    assert len(written(lines, "error", 1, "another failed")) == 1


def test_no_line_of_level_info_is_left_out_such_as_that_of_an_erasure(lines: RepeatedLines) -> None:
    assert len(written(lines, "info", 1_000)) == 1_000


def test_texts_that_are_all_different_are_bounded_too(lines: RepeatedLines) -> None:
    passed = sum(len(written(lines, "warning", 1, f"text {number}")) for number in range(MOST_KINDS + 1_000))
    assert passed == MOST_KINDS + MOST


def record(text: str, line: int = 7) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.WARNING, "httptools_impl.py", line, text, None, None)


def test_lines_of_libraries_are_of_one_kind_where_one_line_of_code_writes_them(
    lines: RepeatedLines, clock: Clock
) -> None:
    passed = [lines.filter(record(f"accept failed for <socket at 0x{number}>")) for number in range(100)]
    assert sum(passed) == MOST
    assert lines.filter(record("another", line=8))
    clock.now += SECONDS
    last = record("accept failed")
    assert lines.filter(last)
    assert last.getMessage() == f"accept failed ({100 - MOST} more were left out)"
