"""Counts of one turn of the event loop, added together after it: to add each takes a lock and a microsecond."""

import asyncio
from typing import Final

from prometheus_client import Counter


class Soon:
    """Adds to counters after this turn of the event loop."""

    def __init__(self) -> None:
        self._counted: dict[Counter, int] = {}

    def count(self, counter: Counter, more: int = 1) -> None:
        """Count on the event loop."""
        if not self._counted:
            asyncio.get_running_loop().call_soon(self._add)
        self._counted[counter] = self._counted.get(counter, 0) + more

    def _add(self) -> None:
        for counter, more in self._counted.items():
            counter.inc(more)
        self._counted.clear()


soon: Final = Soon()
