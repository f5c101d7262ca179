"""Event stores that tests open in their own process."""

import shutil
from functools import cache
from pathlib import Path

from heropixel.events import Events
from tests.session.place import new_folder


def new_event_store(folder: Path) -> str:
    """The URL of a new event store in a folder: a copy of one of the newest schema, whose migrations take longer.

    The engine opens one folder a process at a time. So none may be open.
    """
    shutil.copytree(_template(), folder / "events", symlinks=True)
    return f"chdb://{folder / 'events'}"


@cache
def _template() -> Path:
    folder = new_folder("events") / "events"
    Events(f"chdb://{folder}").close()
    return folder
