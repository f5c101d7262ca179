"""How much room a backup needs is counted while the engine goes on making and removing files."""

import shutil
from functools import partial
from pathlib import Path
from threading import Event

from heropixel.backup.taking import FROZEN, size_of
from tests.callers import calling


def test_what_a_backup_needs_is_counted_while_parts_come_and_go(tmp_path: Path) -> None:
    kept = tmp_path / "store/kept"
    kept.mkdir(parents=True)
    (kept / "rows.bin").write_bytes(b"12345")
    frozen = tmp_path / FROZEN / "backup"
    frozen.mkdir(parents=True)
    (frozen / "rows.bin").write_bytes(b"123")
    with calling(partial(merging, tmp_path / "store")):
        assert all(size_of(tmp_path) >= 5 for _ in range(300))
    assert size_of(tmp_path) == 5, "links of other backups take no room"


def merging(store: Path, done: Event) -> None:
    """Make and remove parts until it is done, as the engine does."""
    while not done.is_set():
        for number in range(20):
            part = store / str(number)
            part.mkdir()
            (part / "rows.bin").write_bytes(b"1")
        for number in range(20):
            shutil.rmtree(store / str(number))
