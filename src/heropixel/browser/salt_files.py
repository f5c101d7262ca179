"""Daily salts as files beside the journal, which the processes of one machine share."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from heropixel import folder as files
from heropixel.browser.salts import DAY, SIZE


class SaltFiles:
    """A salt is one file, `salt-2026-11-26`. A destroyed one is overwritten and removed; see `SaltStore`."""

    tolerance: Final = 0  # one machine has one clock

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def find(self, day: int) -> bytes | None:
        """See `SaltStore.find`."""
        return _salt_in(self._path(day))

    def share(self, day: int, salt: bytes) -> bytes:
        """See `SaltStore.share`."""
        path = self._path(day)
        there = _salt_in(path)
        if there is None:
            path.unlink(missing_ok=True)  # an incomplete file that a power cut has left
            files.make_once(path, salt)
            there = _salt_in(path)
        if there is None:
            raise FileNotFoundError(f"{path} was removed at once")
        return there

    def days(self) -> set[int]:
        """See `SaltStore.days`."""
        return {day for _, day in self._files()}

    def destroy(self, day: int) -> None:
        """See `SaltStore.destroy`."""
        for path, at in self._files():
            if at == day:
                _destroy(path)

    def _path(self, day: int) -> Path:
        return self._folder / f"salt-{datetime.fromtimestamp(day * DAY / 1000, UTC):%Y-%m-%d}"

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Every file with a salt, and its day. Files of a process that died while creating one are included."""
        for path in [*self._folder.iterdir()]:
            if named := _NAME.fullmatch(path.name):
                with contextlib.suppress(ValueError):  # the 31st of February
                    yield path, (date.fromisoformat(named[1]) - date(1970, 1, 1)).days


_NAME = re.compile(r"salt-(\d{4}-\d\d-\d\d)(?:\.[0-9a-f]+)?")


def _salt_in(path: Path) -> bytes | None:
    try:
        salt = path.read_bytes()
    except FileNotFoundError:
        return None
    return salt if len(salt) == SIZE else None


def _destroy(path: Path) -> None:
    """Overwrite a file with random bytes and remove it. A process that reads it meanwhile must not get a known salt."""
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        try:
            with path.open("r+b") as file:
                file.write(secrets.token_bytes(SIZE))
                file.flush()
                os.fsync(file.fileno())
        finally:
            path.unlink()
        files.sync(path.parent)
