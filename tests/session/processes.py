"""Tests that start processes are marked `process`. Other tests cannot start one.

`make quick` runs the others. A test is marked by its folder, by a fixture that it uses, or by hand where it is written.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.launcher.launch import COLD, STARTS

FOLDERS = ("chromium", "clickhouse", "cluster", "contract", "crash", "engines", "launcher", "postgres", "proxies")
FIXTURES = ("world", "server", "postgres", "clickhouse", "replica")

_EVENTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", STARTS)


class _Guard:
    """Hears of every process that is started, and fails the test that is not marked."""

    def __init__(self) -> None:
        self.unmarked = ""

    def hear(self, event: str, _arguments: object) -> None:
        if self.unmarked and event in _EVENTS:
            raise AssertionError(f"{self.unmarked} starts a process: mark it with `pytest.mark.process`")


_guard = _Guard()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "process: starts a process of its own; `make quick` leaves it out")
    config.addinivalue_line("markers", "cold: what it starts is no fork of the warm parent")
    sys.addaudithook(_guard.hear)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    depth = len(Path(__file__).parents[1].parts)
    for item in items:
        folder = item.path.parts[depth]
        if folder in FOLDERS or not {*FIXTURES}.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("process")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _guard.unmarked = "" if item.get_closest_marker("process") else item.nodeid
    if item.get_closest_marker("cold"):
        os.environ[COLD] = "1"
    try:
        return (yield)
    finally:
        os.environ.pop(COLD, None) if item.get_closest_marker("cold") else None
        _guard.unmarked = ""
