"""Wrong secrets slow down the address that sends them. Requests with a right secret never wait."""

import time
from collections.abc import Callable

from heropixel.wire.rate_limits import RateLimit, address_key

MAX_SECONDS = 5.0  # that a request may wait: a longer wait would hold a connection for the guesser


class Guesses:
    """How many wrong secrets each address has sent. `per_second` of them are forgotten each second; 0: none counts."""

    def __init__(self, per_second: float = 1.0, burst: int = 50, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._wrong = RateLimit(per_second, burst, elapsed)

    def __bool__(self) -> bool:
        """Whether any address may have to wait."""
        return bool(self._wrong)

    def note(self, address: str) -> None:
        """Note a wrong secret from an address."""
        self._wrong.note(address_key(address))

    def wait(self, address: str) -> float:
        """The seconds that a request from an address has to wait now, unless its secret is right."""
        return min(MAX_SECONDS, self._wrong.owed(address_key(address)))
