"""Two doors and their writer, whose connections can be cut."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from heropixel.columns import Row
from heropixel.identity.resolve import Resolution
from heropixel.journal import Journal, Positions
from heropixel.processes.sockets import Sockets
from heropixel.processes.steps import running
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from tests.recording.place import Place
from tests.recording.writers import serving

R = TypeVar("R")


class Interrupting:
    """Stands before a journal. After the next append it cuts the writer's connections, as if the writer had died."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.cut: Callable[[], object] | None = None

    def together(self, work: Callable[[], R]) -> R:
        return work()

    def append(self, lines: bytes, receipts: Mapping[bytes, bytes], now: int, replaced: Sequence[bytes] = ()) -> None:
        self.journal.append(lines, receipts, now, replaced)
        if self.cut:
            self.cut()
            self.cut = None

    def receipts(self, keys: Sequence[bytes], now: int) -> dict[bytes, bytes]:
        return self.journal.receipts(keys, now)

    def end(self) -> Positions:
        return self.journal.end()


class Doors(Place):
    """Two doors and their writer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.interrupting = Interrupting(self.appender)
        self.refreshed = 0

    @asynccontextmanager
    async def opened(self, sockets: Sockets) -> AsyncIterator["Doors"]:
        async with AsyncExitStack() as stack:
            self.writer = stack.enter_context(
                serving(self.resolver, self.interrupting, lambda: self.now, sockets)  # type: ignore[arg-type]  # stands before a journal
            )
            self.doors = [Recorder(sockets.writer, refresh=self.refresh) for _ in range(2)]
            for door in self.doors:
                await stack.enter_async_context(running(door.keep_connected()))
            yield self
            for door in self.doors:
                await door.drain()
        self.close_stores()

    async def refresh(self) -> None:
        self.refreshed += 1

    def cut(self) -> None:
        for door in self.writer._doors:
            assert door._transport
            door._transport.abort()


class Everything(Live):
    """Subscribers to app 1, who note what they hear."""

    wanted = (frozenset({1}), frozenset())

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.heard: list[str] = []

    def tell(self, recorded: Iterable[tuple[Row, Resolution]]) -> None:
        self.heard.extend(row.event_id for row, _ in recorded)
