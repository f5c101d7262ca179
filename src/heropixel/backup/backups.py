"""Backups of a running server: the moment is taken between two loads, and the copy made beside everything else."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from heropixel.backup.taking import BackupTaken, Moment, Originals, copy, free_space_for, moment_of
from heropixel.events import Events
from heropixel.recording.loader import Loader
from heropixel.troubles import BackupImpossible


class BackupAsked(msgspec.Struct, frozen=True):
    """What a command asks of the server."""

    target: str  # an empty folder of this machine
    with_key: bool


class Backups:
    """Takes backups, one after the other."""

    def __init__(self, originals: Callable[[bool], Originals], loader: Loader, clock: Callable[[], int]) -> None:
        self._originals = originals
        self._loader = loader
        self._clock = clock
        self._taking = asyncio.Lock()

    async def take(self, target: Path, *, with_key: bool) -> BackupTaken:
        """Copy all stores into an empty folder. Where the caller is cancelled, nothing is left in it.

        Raises:
            BackupImpossible: the stores cannot be copied, or not there.
            EventsUnavailable: the event store is not reachable now.
        """
        copying = _Copying(self._originals(with_key), target)
        async with self._taking:
            copying.check_space()
            try:
                moment = await self._loader.between_batches(lambda events: copying.begin(events, self._clock))
                return await asyncio.to_thread(copying.copy, moment)
            finally:
                await asyncio.to_thread(copying.end)


class _Copying:
    """One backup, from its moment to its end. A caller who is cancelled leaves its thread behind."""

    def __init__(self, originals: Originals, target: Path) -> None:
        self._originals = originals
        self._target = target
        self._moments = ExitStack()
        self._using = threading.Lock()
        self._is_over = False

    def check_space(self) -> None:
        """See `free_space_for`."""
        free_space_for(self._originals, self._target)

    def begin(self, events: Events, clock: Callable[[], int]) -> Moment:
        """Freeze the stores."""
        with self._using:
            self._go_on()
            return self._moments.enter_context(moment_of(self._originals, events, clock))

    def copy(self, moment: Moment) -> BackupTaken:
        """Copy what was frozen."""
        with self._using:
            self._go_on()
            return copy(moment, self._originals, self._target, self._go_on)

    def end(self) -> None:
        """Let go of what was frozen, once no thread copies it any more: one that does ends soon."""
        self._is_over = True
        with self._using:
            self._moments.close()

    def _go_on(self) -> None:
        if self._is_over:
            raise BackupImpossible(why="the server was stopped meanwhile")
