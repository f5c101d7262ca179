"""A recorder and its writer on real stores."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel
from heropixel.directory.registry import Registry
from heropixel.errors import JournalUnavailable
from heropixel.identity.identifiers import Index
from heropixel.identity.resolve import Resolution, Resolver
from heropixel.journal import Journal, open_journal
from heropixel.recording.live import Live
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.recorder import Recorder
from tests.recording.writers import recording
from tests.world import new_directory

R = TypeVar("R")

NOW = 1_800_000_000_000


class Place:
    """A recorder on real stores, opened and opened again."""

    def __init__(self, folder: Path, max_waiting: int = 10_000, live: Live | None = None) -> None:
        self.folder = folder
        self.now = NOW
        self.max_waiting = max_waiting
        self.live = live
        self.open_stores()
        with self.directory.writing() as connection:
            number = app_number(connection, create_app(connection, "Test", now=1).app_id)
            for name in ("one", "two"):
                create_pixel(connection, number, name, ["example.com"], now=1)
        self.pixels = Registry(self.directory).pixels

    recorder: Recorder

    def open_stores(self) -> None:
        self.directory = new_directory(self.folder)
        self.appender, self.loading = (
            open_journal(f"sqlite:///{self.folder / 'journal.sqlite3'}"),
            open_journal(f"sqlite:///{self.folder / 'journal.sqlite3'}"),
        )
        self.resolver = Resolver(self.directory.another(), Index(b"k" * 32))
        self.journal = Counting(self.appender)

    async def open(self) -> "Place":
        self.stack = AsyncExitStack()
        self.recorder = await self.stack.enter_async_context(
            recording(self.resolver, self.journal, lambda: self.now, self.max_waiting, self.live)  # type: ignore[arg-type]  # stands before a journal
        )
        return self

    async def close(self) -> None:
        await self.stack.aclose()
        self.close_stores()

    def close_stores(self) -> None:
        for store in (self.directory, self.appender, self.loading):
            store.close()

    def pageview(self, pixel: int = 1, *, from_browser: bool = False, **event: Any) -> Pageview:
        given = {"pixel_id": pixel, "domain": "example.com", **event}
        return Pageview.parse(PageviewEvent(**given), self.pixels[pixel], self.now, from_browser=from_browser)

    async def record(self, pixel: int = 1, **event: Any) -> Resolution:
        (resolution,) = await self.recorder.record([self.pageview(pixel, **event)])
        return resolution


class Counting:
    """Wraps a journal, counts its groups, and fails when a test wants it to."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.groups: list[int] = []
        self.failing = False

    def together(self, work: Callable[[], R]) -> R:
        return self.journal.together(work)

    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int, replaced: Sequence[bytes] = ()) -> None:
        if self.failing:
            raise JournalUnavailable("database or disk is full")
        self.groups.append(lines.count(b"\n"))
        self.journal.append(lines, receipts, now, replaced)

    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        return self.journal.receipts(keys, now)
