"""The daily salts: random, shared by processes and by nodes, and destroyed after 48 hours."""

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, Protocol, TypeVar

import structlog

log = structlog.get_logger()

_Salt = TypeVar("_Salt", bytes, bytes | None)

DAY: Final = 86_400_000  # milliseconds
SIZE: Final = 32  # bytes
_LIFE = 2 * DAY  # from the start of its day (UTC): first it is today's, then yesterday's
_LOOK_SECONDS = 60.0  # between two checks, at most; there is one at midnight in any case


class SaltStore(Protocol):
    """Where salts lie that several processes share, by the numbers of their days.

    Each method raises OSError if the store cannot be used now.
    """

    @property
    def where(self) -> str:
        """For the log."""

    @property
    def tolerance(self) -> int:
        """Milliseconds that another process's clock may be ahead: so close, a salt of tomorrow shows no wrong clock."""

    def find(self, day: int) -> bytes | None:
        """The salt of a day; None where there is none."""

    def share(self, day: int, salt: bytes) -> bytes:
        """Keep this salt for a day, unless it has one. Returns the one that is kept."""

    def days(self) -> set[int]:
        """The days of which anything is kept."""

    def destroy(self, day: int) -> None:
        """Destroy all that is kept of a day. Another process may do so at the same time."""


class Salts:
    """The salts of today and of yesterday, by UTC days. Without its salt no hash of a day can be computed again.

    The first process that needs a salt creates it, and all others read it. If it cannot be stored, it is only in
    memory. Then processes do not share it, and after a restart every visitor counts as a new one.

    A salt is destroyed 48 hours after its day began, or at the next start after that: in the store and in memory. The
    clock says what day it is. It may be wrong, and may be corrected:

    - It jumps ahead: salts that are expired by it are destroyed. Skipped days never have a salt.
    - It jumps back over midnight: the salt of the day in the future is destroyed, and a new one is created on that day.
      Nodes have a clock each. So a store that they share tolerates some minutes: of two nodes around midnight, neither
      destroys the other's.
    - It jumps back in any way: a salt in memory is also destroyed by elapsed time, so that none lives longer because
      of the jump. If that salt is still today's, another one is created for the rest of the day.

    So a wrong clock may count a visitor twice, but it never keeps a salt too long. The exception is a jump before the
    last start, which is not noticed.
    """

    def __init__(
        self, store: SaltStore, clock: Callable[[], int], elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` is in Unix milliseconds; `elapsed`, in seconds, does not jump."""
        self._store = store
        self._clock = clock
        self._elapsed = elapsed
        self._held: dict[int, bytes | None] = {}  # by the number of the day; None: the day has no salt
        self._until: dict[int, float] = {}  # by the same: the elapsed time at which the salt is destroyed
        self._alone: set[int] = set()  # the days with a salt that is only in memory
        self._failing: set[str] = set()  # what failed the last time, and was logged
        self._changing = threading.Lock()  # reads of `_held` need no lock

    def today(self) -> bytes:
        """The salt of today, created if there is none."""
        day = self._clock() // DAY
        return self._held.get(day) or self._fetch_today(day)

    def yesterday(self) -> bytes | None:
        """The salt of yesterday; None where there is none."""
        day = self._clock() // DAY - 1
        try:
            return self._held[day]
        except KeyError:
            return self._fetch_yesterday(day)

    def destroy_old(self) -> None:
        """Destroy every expired salt, and make the salts in memory equal to those in the store."""
        found: set[int] = set()
        with self._logged_once("the days of the salts cannot be read"):
            found = self._store.days()
        with self._changing:
            # The clock is read after the store: a salt that another process has just created is then not of tomorrow.
            over = self._over({*self._held, *found}, self._clock())
            for day in over:
                self._drop(day)
            for day in over & found:
                with self._logged_once("an expired salt cannot be destroyed"):
                    self._store.destroy(day)
            for day in [*self._held]:
                self._follow(day)

    async def keep_destroying(self) -> None:
        """Destroy expired salts, now and whenever one expires, without end. It runs off the event loop."""
        while True:
            await asyncio.to_thread(self.destroy_old)
            until_midnight = (DAY - self._clock() % DAY) / 1000
            await asyncio.sleep(min(_LOOK_SECONDS, until_midnight))

    def _over(self, days: set[int], now: int) -> set[int]:
        elapsed, for_ever, earliest = self._elapsed(), float("inf"), -self._store.tolerance
        return {
            day for day in days if not earliest <= now - day * DAY < _LIFE or elapsed >= self._until.get(day, for_ever)
        }

    def _fetch_today(self, day: int) -> bytes:
        with self._changing:
            held = self._held.get(day)  # another thread may have been quicker
            if held is None:
                self._alone.add(day)
                held = self._hold(day, self._shared(day, secrets.token_bytes(SIZE)))
            return held

    def _fetch_yesterday(self, day: int) -> bytes | None:
        with self._changing:
            there = None
            with self._logged_once("a salt cannot be read"):
                there = self._store.find(day)
            return self._hold(day, there)

    def _hold(self, day: int, salt: _Salt) -> _Salt:
        self._held[day] = salt
        self._until[day] = self._elapsed() + (day * DAY + _LIFE - self._clock()) / 1000
        return salt

    def _drop(self, day: int) -> None:
        self._held.pop(day, None)
        self._until.pop(day, None)
        self._alone.discard(day)

    def _follow(self, day: int) -> None:
        """Take over the stored salt of a day: another process may have replaced it, or there is room again."""
        salt = self._held[day]
        if salt is None:
            return
        if day in self._alone:
            self._held[day] = self._shared(day, salt)
            return
        with self._logged_once("a salt cannot be read"):
            there = self._store.find(day)
            if there is None:
                self._drop(day)
            else:
                self._held[day] = there

    def _shared(self, day: int, salt: bytes) -> bytes:
        """The stored salt of a day; this salt, if there was none or none can be stored."""
        with self._logged_once("salts cannot be written, and are kept in memory only"):
            salt = self._store.share(day, salt)
            self._alone.discard(day)
        return salt

    @contextlib.contextmanager
    def _logged_once(self, trouble: str) -> Iterator[None]:
        """Go on where the store fails. The failure is logged once, until it works again."""
        try:
            yield
        except OSError as error:
            if trouble not in self._failing:
                log.error(trouble, where=self._store.where, error=error.strerror or str(error))  # noqa: TRY400 - it is expected
            self._failing.add(trouble)
        else:
            self._failing.discard(trouble)
