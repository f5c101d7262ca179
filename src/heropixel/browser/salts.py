"""The salts of days: random, shared by processes through the journal's folder, and destroyed after 48 hours."""

import asyncio
import contextlib
import os
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import structlog

from heropixel import folder as files

log = structlog.get_logger()

_Salt = TypeVar("_Salt", bytes, bytes | None)

DAY = 86_400_000  # milliseconds
_SIZE = 32  # bytes
_LIFE = 2 * DAY  # from the beginning of its day (UTC) on: it is today's, then yesterday's
_LOOK_SECONDS = 60.0  # at most; and at midnight in any case


class Salts:
    """The salt of today and that of yesterday, by UTC days. Without its salt no hash of a day can be made again.

    A salt is one file, `salt-2026-11-26`, made by whichever process needs it first; all others read it. Where it cannot
    be written it is in memory alone: then processes do not share it, and a restart counts everybody anew.

    It is destroyed 48 hours after its day began, or at the next start after that: the file is overwritten and removed,
    and memory lets go of it. The clock says what day it is, and may be wrong or be put right:

    - It jumps ahead: salts whose time is over by it are destroyed. Days that were skipped never have one.
    - It jumps back over midnight: the salt of the day that is yet to come is destroyed, and made anew when it comes.
    - It jumps back in any way: what is held is destroyed by the time that passes as well, so that none lives longer
      for it. If that one is still today's, another is made for the rest of the day.

    So a visitor may be counted twice for a clock, but no salt is kept for one. Only of a jump before the last start
    nothing is known.
    """

    def __init__(self, folder: Path, clock: Callable[[], int], elapsed: Callable[[], float] = time.monotonic) -> None:
        """`clock` is in Unix milliseconds; `elapsed`, in seconds, does not jump."""
        self._folder = folder
        self._clock = clock
        self._elapsed = elapsed
        self._held: dict[int, bytes | None] = {}  # by the number of the day; None: it has none
        self._until: dict[int, float] = {}  # by the same: when what is held is destroyed, by the time that passes
        self._alone: set[int] = set()  # the days whose salt is in memory and in no file
        self._failing: set[tuple[str, Path]] = set()  # what the disk refused the last time, and the log has
        self._changing = threading.Lock()  # reading what is held needs none

    def today(self) -> bytes:
        """The salt of today, made if there is none."""
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
        """Destroy every salt whose time is over, and see to it that what is held is what the files have."""
        found = self._files()
        with self._changing:
            # By a clock that is read after the folder: what another process has just made is not of tomorrow by it.
            over = self._over({*self._held, *found.values()}, self._clock())
            for day in over:
                self._let_go(day)
            for path, day in found.items():
                if day in over:
                    with self._said("an expired salt cannot be destroyed", path):
                        _destroy(path)
            for day in [*self._held]:
                self._follow(day)

    async def keep_destroying(self) -> None:
        """Destroy for ever what is to be destroyed, now and when its time is over; off the event loop."""
        while True:
            await asyncio.to_thread(self.destroy_old)
            until_midnight = (DAY - self._clock() % DAY) / 1000
            await asyncio.sleep(min(_LOOK_SECONDS, until_midnight))

    def _over(self, days: set[int], now: int) -> set[int]:
        elapsed, for_ever = self._elapsed(), float("inf")
        return {day for day in days if not 0 <= now - day * DAY < _LIFE or elapsed >= self._until.get(day, for_ever)}

    def _fetch_today(self, day: int) -> bytes:
        with self._changing:
            held = self._held.get(day)  # if another thread was quicker
            if held is None:
                self._alone.add(day)
                held = self._hold(day, self._shared(day, secrets.token_bytes(_SIZE)))
            return held

    def _fetch_yesterday(self, day: int) -> bytes | None:
        with self._changing:
            there = None
            with self._said("a salt cannot be read", self._folder):
                there = _salt_in(self._path(day))
            return self._hold(day, there)

    def _hold(self, day: int, salt: _Salt) -> _Salt:
        self._held[day] = salt
        self._until[day] = self._elapsed() + (day * DAY + _LIFE - self._clock()) / 1000
        return salt

    def _let_go(self, day: int) -> None:
        self._held.pop(day, None)
        self._until.pop(day, None)
        self._alone.discard(day)

    def _follow(self, day: int) -> None:
        """Hold what the file of a day has: others may have made it anew for a clock, or the disk has room again."""
        salt = self._held[day]
        if salt is None:
            return
        if day in self._alone:
            self._held[day] = self._shared(day, salt)
            return
        with self._said("a salt cannot be read", self._folder):
            there = _salt_in(self._path(day))
            if there is None:
                self._let_go(day)
            else:
                self._held[day] = there

    def _shared(self, day: int, salt: bytes) -> bytes:
        """The salt of a day as its file has it: this one, if there was none or there can be no file."""
        with self._said("salts cannot be written, and are kept in memory only", self._folder):
            path = self._path(day)
            there = _salt_in(path)
            if there is None:
                path.unlink(missing_ok=True)  # what a power cut has left of one
                files.make_once(path, salt)
                there = _salt_in(path)
            if there is not None:
                self._alone.discard(day)
                salt = there
        return salt

    def _path(self, day: int) -> Path:
        return self._folder / f"salt-{datetime.fromtimestamp(day * DAY / 1000, UTC):%Y-%m-%d}"

    def _files(self) -> dict[Path, int]:
        """Every file that holds a salt, also those that a process has left which died at making one; their days."""
        found: dict[Path, int] = {}
        with self._said("the folder of the salts cannot be read", self._folder):
            for path in self._folder.iterdir():
                if named := _NAME.fullmatch(path.name):
                    with contextlib.suppress(ValueError):  # the 31st of February
                        found[path] = (date.fromisoformat(named[1]) - date(1970, 1, 1)).days
        return found

    @contextlib.contextmanager
    def _said(self, trouble: str, where: Path) -> Iterator[None]:
        """Do without what the disk refuses. The log has it once, until it works again."""
        try:
            yield
        except OSError as error:
            if (trouble, where) not in self._failing:
                log.error(trouble, path=str(where), error=error.strerror or str(error))  # noqa: TRY400 - that is enough
            self._failing.add((trouble, where))
        else:
            self._failing.discard((trouble, where))


_NAME = re.compile(r"salt-(\d{4}-\d\d-\d\d)(?:\.[0-9a-f]+)?")


def _salt_in(path: Path) -> bytes | None:
    try:
        salt = path.read_bytes()
    except FileNotFoundError:
        return None
    return salt if len(salt) == _SIZE else None


def _destroy(path: Path) -> None:
    """Overwrite a file and remove it. With random bytes: whoever reads it in between must not hold a known salt."""
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(_SIZE))
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink()
        files.sync(path.parent)
