"""Attempts to sign in are limited by account and by address, whether or not there is such an account."""

import time
from collections.abc import Callable

from heropixel.members.refusals import TooManyAttempts
from heropixel.wire.rate_limits import RateLimit, address_key

OF_ACCOUNT = 10  # at once, then one a minute
OF_ADDRESS = 30  # at once, then one in ten seconds

_BITS = 14  # 128 kB a table: 16,384 slots, of which each attempt takes three


class Attempts:
    """Counts attempts. One that is refused is not counted, so that waiting helps."""

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._by_account = RateLimit(1 / 60, OF_ACCOUNT, elapsed, _BITS)
        self._by_address = RateLimit(1 / 10, OF_ADDRESS, elapsed, _BITS)

    def note(self, account: str, address: str) -> None:
        """Count one attempt.

        Raises:
            TooManyAttempts: there were too many; it says when to try again.
        """
        wait = self._by_address.take(address_key(address)) or self._by_account.take(account)
        if wait:
            raise TooManyAttempts(seconds=int(wait) + 1)

    def take_back(self, account: str, address: str) -> None:
        """Let an attempt not count, which was right."""
        self._by_address.give_back(address_key(address))
        self._by_account.give_back(account)
