"""Backups of a running server: the moment is taken between two loads, and the copy made beside everything else."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from heropixel.backup.taking import BackupTaken, Originals, copy, free_space_for, moment_of
from heropixel.recording.loader import Loader


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
        """Copy all stores into an empty folder.

        Raises:
            BackupImpossible: the stores cannot be copied, or not there.
            EventsUnavailable: the event store is not reachable now.
        """
        originals = self._originals(with_key)
        async with self._taking:
            free_space_for(originals, target)
            stack = ExitStack()
            try:
                moment = await self._loader.between_batches(
                    lambda events: stack.enter_context(moment_of(originals, events, self._clock))
                )
                return await asyncio.to_thread(copy, moment, originals, target)
            finally:
                await asyncio.to_thread(stack.close)
