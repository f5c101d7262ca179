"""The daily salts: random, shared by processes through the journal's folder, and destroyed after 48 hours."""

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
_LIFE = 2 * DAY  # from the start of its day (UTC): first it is today's, then yesterday's
_LOOK_SECONDS = 60.0  # between two checks, at most; there is one at midnight in any case


class Salts:
    """The salts of today and of yesterday, by UTC days. Without its salt no hash of a day can be computed again.

    A salt is one file, `salt-2026-11-26`. The first process that needs it creates it, and all others read it. If the
    file cannot be written, the salt is only in memory. Then processes do not share it, and after a restart every
    visitor counts as a new one.

    A salt is destroyed 48 hours after its day began, or at the next start after that: the file is overwritten and
    removed, and the copy in memory is dropped. The clock says what day it is. It may be wrong, and may be corrected:

    - It jumps ahead: salts that are expired by it are destroyed. Skipped days never have a salt.
    - It jumps back over midnight: the salt of the day in the future is destroyed, and a new one is created on that day.
    - It jumps back in any way: a salt in memory is also destroyed by elapsed time, so that none lives longer because
      of the jump. If that salt is still today's, another one is created for the rest of the day.

    So a wrong clock may count a visitor twice, but it never keeps a salt too long. The exception is a jump before the
    last start, which is not noticed.
    """

    def __init__(self, folder: Path, clock: Callable[[], int], elapsed: Callable[[], float] = time.monotonic) -> None:
        """`clock` is in Unix milliseconds; `elapsed`, in seconds, does not jump."""
        self._folder = folder
        self._clock = clock
        self._elapsed = elapsed
        self._held: dict[int, bytes | None] = {}  # by the number of the day; None: the day has no salt
        self._until: dict[int, float] = {}  # by the same: the elapsed time at which the salt is destroyed
        self._alone: set[int] = set()  # the days with a salt that is only in memory, in no file
        self._failing: set[tuple[str, Path]] = set()  # what failed the last time, and was logged
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
        """Destroy every expired salt, and make the salts in memory equal to those in the files."""
        found = self._files()
        with self._changing:
            # The clock is read after the folder: a salt that another process has just created is then not of tomorrow.
            over = self._over({*self._held, *found.values()}, self._clock())
            for day in over:
                self._drop(day)
            for path, day in found.items():
                if day in over:
                    with self._logged_once("an expired salt cannot be destroyed", path):
                        _destroy(path)
            for day in [*self._held]:
                self._follow(day)

    async def keep_destroying(self) -> None:
        """Destroy expired salts, now and whenever one expires, without end. It runs off the event loop."""
        while True:
            await asyncio.to_thread(self.destroy_old)
            until_midnight = (DAY - self._clock() % DAY) / 1000
            await asyncio.sleep(min(_LOOK_SECONDS, until_midnight))

    def _over(self, days: set[int], now: int) -> set[int]:
        elapsed, for_ever = self._elapsed(), float("inf")
        return {day for day in days if not 0 <= now - day * DAY < _LIFE or elapsed >= self._until.get(day, for_ever)}

    def _fetch_today(self, day: int) -> bytes:
        with self._changing:
            held = self._held.get(day)  # another thread may have been quicker
            if held is None:
                self._alone.add(day)
                held = self._hold(day, self._shared(day, secrets.token_bytes(_SIZE)))
            return held

    def _fetch_yesterday(self, day: int) -> bytes | None:
        with self._changing:
            there = None
            with self._logged_once("a salt cannot be read", self._folder):
                there = _salt_in(self._path(day))
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
        """Take over the salt in the file of a day: another process may have replaced it, or the disk has room again."""
        salt = self._held[day]
        if salt is None:
            return
        if day in self._alone:
            self._held[day] = self._shared(day, salt)
            return
        with self._logged_once("a salt cannot be read", self._folder):
            there = _salt_in(self._path(day))
            if there is None:
                self._drop(day)
            else:
                self._held[day] = there

    def _shared(self, day: int, salt: bytes) -> bytes:
        """The salt in the file of a day; this salt, if there was no file or none can be written."""
        with self._logged_once("salts cannot be written, and are kept in memory only", self._folder):
            path = self._path(day)
            there = _salt_in(path)
            if there is None:
                path.unlink(missing_ok=True)  # an incomplete file that a power cut has left
                files.make_once(path, salt)
                there = _salt_in(path)
            if there is not None:
                self._alone.discard(day)
                salt = there
        return salt

    def _path(self, day: int) -> Path:
        return self._folder / f"salt-{datetime.fromtimestamp(day * DAY / 1000, UTC):%Y-%m-%d}"

    def _files(self) -> dict[Path, int]:
        """Every file with a salt, and its day. Files of a process that died while creating one are included."""
        found: dict[Path, int] = {}
        with self._logged_once("the folder of the salts cannot be read", self._folder):
            for path in self._folder.iterdir():
                if named := _NAME.fullmatch(path.name):
                    with contextlib.suppress(ValueError):  # the 31st of February
                        found[path] = (date.fromisoformat(named[1]) - date(1970, 1, 1)).days
        return found

    @contextlib.contextmanager
    def _logged_once(self, trouble: str, where: Path) -> Iterator[None]:
        """Go on where the disk fails. The failure is logged once, until it works again."""
        try:
            yield
        except OSError as error:
            if (trouble, where) not in self._failing:
                log.error(trouble, path=str(where), error=error.strerror or str(error))  # noqa: TRY400 - it is expected
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
    """Overwrite a file with random bytes and remove it. A process that reads it meanwhile must not get a known salt."""
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(_SIZE))
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink()
        files.sync(path.parent)
