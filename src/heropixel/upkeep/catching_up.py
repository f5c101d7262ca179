"""The event store follows sooner where somebody waits for it: what is accepted is loaded, what is changed applied."""

import contextlib
from collections.abc import Awaitable, Callable
from typing import Protocol

from heropixel.errors import EventStoreUnavailable
from heropixel.journal import Positions
from heropixel.recording.loader import Loader
from heropixel.upkeep.upkeep import Upkeep


class CatchingUp(Protocol):
    """Any process may ask for it, whichever has the event store open.

    Each raises EventStoreUnavailable if that process is not there, or ends meanwhile.
    """

    async def reach(self, positions: Positions) -> None:
        """Load up to positions of the journal; return when all entries below them are in the event store."""

    async def run_now(self, seconds: float) -> None:
        """Apply the changes that wait in the directory, and wait until that is done, at most this long."""


class CatchingUpHere:
    """By the loader and the upkeep of this process; see `CatchingUp`."""

    def __init__(self, loader: Loader, upkeep: Upkeep) -> None:
        self._loader = loader
        self._upkeep = upkeep

    async def reach(self, positions: Positions) -> None:
        """See `CatchingUp.reach`."""
        await self._loader.reach(positions)

    async def run_now(self, seconds: float) -> None:
        """See `CatchingUp.run_now`."""
        await self._upkeep.run_now(seconds)


def applied_if_possible(catching_up: CatchingUp) -> Callable[[float], Awaitable[None]]:
    """As `CatchingUp.run_now`. It raises nothing: what is not applied now waits in the directory."""

    async def run_now(seconds: float) -> None:
        with contextlib.suppress(EventStoreUnavailable):
            await catching_up.run_now(seconds)

    return run_now
