"""The event store of a folder as of one moment, in a folder of its own that another process may open.

Its files are hard links, which the engine never changes. It is removed after the move: it keeps what is erased later.
"""

import secrets
import shutil
from pathlib import Path

from heropixel.backup.taking import FROZEN, copy_links, small_files
from heropixel.events import Events

FOLDER = "moving"  # in the data folder
_PREFIX = "moving_"


def freeze(events: Events, folder: Path, target: Path) -> None:
    """Make a folder that shows an event store as it is now. Nothing may be loaded into it meanwhile.

    Raises:
        EventsUnavailable: the event store cannot be frozen.
        OSError: the folder cannot be made.
    """
    name = f"{_PREFIX}{secrets.token_hex(8)}"
    frozen = folder / FROZEN / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o700, parents=True)
    try:
        events.freeze(name)
        (frozen / "store").rename(target / "store")
    finally:
        shutil.rmtree(frozen, ignore_errors=True)
    for text in target.rglob("*.txt"):  # the engine may write these again
        content = text.read_bytes()
        text.unlink()
        text.write_bytes(content)
    for path in small_files(folder):
        copied = target / path
        copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copied.write_bytes((folder / path).read_bytes())
    copy_links(folder, target)


def remove(data: Path, events: Path | None) -> None:
    """Remove what a move has made in a data folder, and the links that one left that was interrupted."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)
    for path in (events / FROZEN).glob(f"{_PREFIX}*") if events else ():
        shutil.rmtree(path, ignore_errors=True)
