"""Token buckets: how often somebody may send, in bounded memory however many there are."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from ipaddress import IPv4Address, ip_address


class RateLimit:
    """A bucket of `burst` tokens for each key, filled with `per_second` of them; 0 a second: nobody is limited.

    A bucket that is full is forgotten: a new one is full too. Where `most` are not full, an old one is forgotten all
    the same: nobody waits for what others send, and memory stays as it is.
    """

    def __init__(
        self, per_second: float, burst: int, elapsed: Callable[[], float] = time.monotonic, most: int = 100_000
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._elapsed = elapsed
        self._most = most
        # Tokens, and when; the latest last. No dict: finding its first key walks over all that were deleted before.
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many are remembered."""
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

    def _filled(self, left: tuple[float, float], now: float) -> float:
        tokens, then = left
        return min(self._burst, tokens + (now - then) * self._per_second)

    def _make_room(self, now: float) -> None:
        """Each newcomer looks at the oldest few: so all are looked at in turn, and none of it takes long."""
        for _ in range(min(_LOOKED_AT, len(self._left))):
            oldest, left = self._left.popitem(last=False)
            if self._filled(left, now) < self._burst:
                self._left[oldest] = left
        if len(self._left) >= self._most:
            self._left.popitem(last=False)


_LOOKED_AT = 4
_ROUNDING = 1e-3  # tokens: who waits as long as told is not a nanosecond too early


def address_key(address: str) -> Hashable:
    """What of an address is one sender: of IPv6 its /64, of which one household has all."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else int(parsed) >> 64
