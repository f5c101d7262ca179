"""Background work, and the threads that it uses, end before what they use is closed."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection

from heropixel.directory import registry
from heropixel.directory.revision import read_revision
from heropixel.processes.steps import opened_stores
from heropixel.settings import Settings
from tests.world import copy_of_directory


async def test_the_directory_is_closed_when_no_thread_reads_it_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite crashes otherwise, and where the embedded engine is open that process never ends."""
    reading, read = threading.Event(), threading.Event()
    revisions: list[int] = []
    copy_of_directory(tmp_path)

    def slow(connection: Connection) -> int:
        reading.set()
        time.sleep(0.1)
        try:
            revisions.append(read_revision(connection))
        finally:
            read.set()
        return revisions[-1]

    async with opened_stores(Settings(data=tmp_path)) as stores:
        monkeypatch.setattr(registry, "read_revision", slow)
        await asyncio.to_thread(reading.wait, 30)
    assert await asyncio.to_thread(read.wait, 30)
    assert revisions == [stores.registry.revision]
    assert not stores.registry.refresh()
    assert len(revisions) == 1
