"""Rate limits of the whole server: its processes share one table, of fixed size for any number of senders.

Each key has a bucket of tokens. What is missing in a bucket is kept as the time at which it is full again (the generic
cell rate algorithm), so a bucket is one number in shared memory (docs/decisions/0019).
"""

import mmap
import secrets
import time
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address

_BITS = 18  # 2 MB: with 1,000 senders over the limit, one other in 700,000 waits. The hash is enough for 20


class RateLimit:
    """A bucket of `burst` tokens for each key, refilled with `per_second` tokens a second. 0 a second means no limit.

    Processes that are forked after it was made share it. A key has three slots in the table, and the one that says the
    least counts. So a key waits because of others only where all its slots are also those of keys with empty buckets.

    There is no lock. Of two processes that take a token of one key within the same microsecond, one may take it for
    nothing. A sender can exceed the limit so by a token for each other process, never fall short of it.
    """

    def __init__(
        self,
        per_second: float,
        burst: int,
        elapsed: Callable[[], float] = time.monotonic,
        slot_bits: int = _BITS,
    ) -> None:
        """The table has 2 to the power of `slot_bits` slots, of eight bytes each."""
        self._per_second = per_second
        self._burst = burst
        self._elapsed = elapsed
        self._began = elapsed()
        self._mask = (1 << slot_bits) - 1
        self._last = 1 << slot_bits  # behind the table: the latest time that was noted
        # When the bucket is full again, in tokens since the beginning: adding a token is exact then, at any time.
        self._full_at = memoryview(mmap.mmap(-1, ((1 << slot_bits) + 1) * 8)).cast("d")
        self._salt = secrets.token_hex(8)  # so that nobody can look for addresses with the slots of somebody else

    def __bool__(self) -> bool:
        """Whether any bucket may owe a token: one was noted that is not refilled yet."""
        noted = self._full_at[self._last]
        return noted > 0.0 and noted > self._now()

    def take(self, key: str | int) -> float:
        """Take one token: 0.0 if there was one, else the seconds until there will be one."""
        if not self._per_second:
            return 0.0
        now = (self._elapsed() - self._began) * self._per_second  # `_now` and `max` in line: it is quicker
        slots, full_at = self._slots(key)
        if full_at < now:
            full_at = now
        missing = full_at - now + 1
        if missing > self._burst + _ROUNDING:
            return (missing - self._burst) / self._per_second
        self._raise(slots, full_at + 1)
        return 0.0

    def note(self, key: str | int) -> None:
        """Take one token, even where there is none: the bucket owes it."""
        if self._per_second:
            slots, full_at = self._slots(key)
            full_at = max(full_at, self._now()) + 1
            self._raise((*slots, self._last), full_at)

    def owed(self, key: str | int) -> float:
        """The seconds until the bucket owes nothing."""
        if not self._per_second:
            return 0.0
        _, full_at = self._slots(key)
        return max(0.0, full_at - self._now() - self._burst) / self._per_second

    def give_back(self, key: str | int) -> None:
        """Give back one token that was taken."""
        slots, full_at = self._slots(key)
        for slot in slots:
            if self._full_at[slot] == full_at:  # others stand higher because of other keys
                self._full_at[slot] = full_at - 1

    def _now(self) -> float:
        return (self._elapsed() - self._began) * self._per_second

    def _slots(self, key: str | int) -> tuple[tuple[int, int, int], float]:
        """The slots of a key, and when its bucket is full again."""
        number, mask, times = hash(f"{self._salt}{key}"), self._mask, self._full_at
        one, two, three = number & mask, (number >> 20) & mask, (number >> 40) & mask
        lowest, other = times[one], times[two]
        if other < lowest:
            lowest = other
        other = times[three]
        return (one, two, three), other if other < lowest else lowest

    def _raise(self, slots: tuple[int, ...], full_at: float) -> None:
        """Raise the slots that are lower. Those that others have raised further stay."""
        times = self._full_at
        for slot in slots:
            if times[slot] < full_at:
                times[slot] = full_at


_ROUNDING = 1e-3  # tokens: a client that waits as long as it was asked to is not a nanosecond too early


def address_key(address: str) -> str:
    """The key of the sender with this address. For IPv6 it is the /64, since one household has all of it."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv4Address):
        return address
    return str(parsed.ipv4_mapped) if parsed.ipv4_mapped else f"{int(parsed) >> 64:x}"
