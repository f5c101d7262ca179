"""One time for all of a GraphQL document, so that its ranges until now end together and share a reading."""

import asyncio
from collections.abc import Callable


class DocumentTime:
    """The time in Unix milliseconds. It stays for a turn of the event loop, in which all fields of a document begin."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._now: int | None = None

    def __call__(self) -> int:
        """The time."""
        if self._now is None:
            self._now = self._clock()
            asyncio.get_running_loop().call_soon(self._forget)
        return self._now

    def _forget(self) -> None:
        self._now = None
