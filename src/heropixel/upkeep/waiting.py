"""What an erasure still waits for, as the app's people are told it: no host, no address, no error of an engine."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from heropixel.directory.erasures import Erasure
from heropixel.errors import EventStoreUnavailable
from heropixel.events.asking import Asking


class ErasureWait(StrEnum):
    """What keeps an erasure from being done."""

    PAGEVIEWS = "PAGEVIEWS"
    EVENT_STORE = "EVENT_STORE"
    REPLICA = "REPLICA"


# As sentences without their full stops.
WAITS: Final[Mapping[ErasureWait, str]] = {
    ErasureWait.PAGEVIEWS: "Pageviews from before the request are still being loaded. They are erased after that",
    ErasureWait.EVENT_STORE: "The event store is not reachable. Pageviews are erased as soon as it is",
    ErasureWait.REPLICA: "A replica of the event store is away or behind. It erases them when it has caught up",
}


class ErasureWaits:
    """Finds out what the erasures that are not done wait for."""

    def __init__(self, asking: Asking, as_of: Callable[[], Awaitable[int | None]]) -> None:
        """`as_of`: see recording/as_of.py."""
        self._asking = asking
        self._as_of = as_of

    async def of(self, erasure: Erasure) -> Erasure:
        """The erasure, with what it waits for."""
        return (await self.of_all([erasure]))[0]

    async def of_all(self, erasures: Sequence[Erasure]) -> list[Erasure]:
        """The same of several: the event store is asked once, and only if one of them is not done."""
        if all(each.done_at for each in erasures):
            return [*erasures]
        try:
            is_behind = not await self._asking.replicas_are_level()
        except EventStoreUnavailable:
            return with_waits(erasures, None, is_behind=None)
        return with_waits(erasures, await self._as_of(), is_behind=is_behind)


def with_waits(erasures: Sequence[Erasure], as_of: int | None, *, is_behind: bool | None) -> list[Erasure]:
    """The erasures, each with what it waits for.

    Args:
        erasures: done or not.
        as_of: all that was accepted before is loaded; None: it is not known.
        is_behind: whether replicas of the event store are behind; None: it is not reachable.
    """
    return [
        each if each.done_at else each._replace(waits_for=_wait_of(each, as_of, is_behind=is_behind))
        for each in erasures
    ]


def _wait_of(erasure: Erasure, as_of: int | None, *, is_behind: bool | None) -> ErasureWait | None:
    if is_behind is None:
        return ErasureWait.EVENT_STORE
    if as_of is None or as_of < erasure.requested_at:
        return ErasureWait.PAGEVIEWS
    return ErasureWait.REPLICA if is_behind else None


def wait_in_words(erasure: Erasure) -> str:
    """What an erasure waits for; empty: for nothing."""
    return WAITS[ErasureWait(erasure.waits_for)] if erasure.waits_for else ""
