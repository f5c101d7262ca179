"""Rate limits by token buckets, in bounded memory for any number of senders."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from ipaddress import IPv4Address, ip_address


class RateLimit:
    """A bucket of `burst` tokens for each key, refilled with `per_second` tokens a second. 0 a second means no limit.

    A full bucket is forgotten, since a new one is full too. If `most` buckets are not full, an old one is forgotten
    nevertheless: no sender waits because of others, and memory stays bounded.
    """

    def __init__(
        self, per_second: float, burst: int, elapsed: Callable[[], float] = time.monotonic, most: int = 100_000
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._elapsed = elapsed
        self._most = most
        # Tokens and their time; the latest last. Not a dict: to find its first key, it walks over all deleted entries.
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """The number of buckets in memory."""
        return len(self._left)

    def take(self, key: Hashable) -> float:
        """Take one token: 0.0 if there was one, else the seconds until there will be one."""
        if not self._per_second:
            return 0.0
        now = self._elapsed()
        left = self._left.pop(key, None)
        if left is None:
            self._make_room(now)
            tokens = float(self._burst)
        else:
            tokens = self._filled(left, now)
        wait = max(0.0, (1 - tokens) / self._per_second)
        taken = tokens >= 1 - _ROUNDING
        self._left[key] = (tokens - 1 if taken else tokens, now)
        return 0.0 if taken else wait

    def give_back(self, key: Hashable) -> None:
        """Give back one token that was taken."""
        left = self._left.get(key)
        if left is not None:
            tokens, then = left
            self._left[key] = (min(self._burst, tokens + 1), then)

    def _filled(self, left: tuple[float, float], now: float) -> float:
        tokens, then = left
        return min(self._burst, tokens + (now - then) * self._per_second)

    def _make_room(self, now: float) -> None:
        """Check the oldest few for each new key: so all are checked in turn, and no call takes long."""
        for _ in range(min(_LOOKED_AT, len(self._left))):
            oldest, left = self._left.popitem(last=False)
            if self._filled(left, now) < self._burst:
                self._left[oldest] = left
        if len(self._left) >= self._most:
            self._left.popitem(last=False)


_LOOKED_AT = 4
_ROUNDING = 1e-3  # tokens: a client that waits as long as it was asked to is not a nanosecond too early


def address_key(address: str) -> Hashable:
    """The key of the sender with this address. For IPv6 it is the /64, since one household has all of it."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else int(parsed) >> 64
