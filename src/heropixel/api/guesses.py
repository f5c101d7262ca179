"""Wrong secrets slow down the address that sends them. Requests with a right secret never wait."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from heropixel.wire.rate_limits import address_key

MAX_SECONDS = 5.0  # that a request may wait: a longer wait would hold a connection for the guesser
_MOST = 10_000  # addresses in memory; beyond, the one that guessed least lately is forgotten


class Guesses:
    """How many wrong secrets each address has sent. `per_second` of them are forgotten each second; 0: none counts."""

    def __init__(self, per_second: float = 1.0, burst: int = 50, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._elapsed = elapsed
        self._wrong: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # how many, and when; the latest last

    def __bool__(self) -> bool:
        """Whether any address may have to wait."""
        return bool(self._wrong)

    def note(self, address: str) -> None:
        """Note a wrong secret from an address."""
        if not self._per_second:
            return
        key = address_key(address)
        self._wrong[key] = (self._left(key) + 1, self._elapsed())
        self._wrong.move_to_end(key)
        if len(self._wrong) > _MOST:
            self._wrong.popitem(last=False)

    def wait(self, address: str) -> float:
        """The seconds that a request from an address has to wait now, unless its secret is right."""
        key = address_key(address)
        left = self._left(key)
        if not left:
            self._wrong.pop(key, None)
        return min(MAX_SECONDS, max(0.0, left - self._burst) / (self._per_second or 1.0))

    def _left(self, key: Hashable) -> float:
        count, then = self._wrong.get(key, (0.0, 0.0))
        return max(0.0, count - (self._elapsed() - then) * self._per_second)
