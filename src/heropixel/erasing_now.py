"""Erase what waits for it at once: by the server that holds the folder, or here where none runs."""

import time

from heropixel import folder
from heropixel.directory import Directory
from heropixel.directory.erasures import Erasure, find_erasure
from heropixel.server import completed
from heropixel.settings import Settings

_WAIT_SECONDS = 60
_LOOK_SECONDS = 0.1


def erase_now(settings: Settings, directory: Directory, erasure: Erasure) -> Erasure:
    """The erasure, done if the event store could do it within a minute.

    Raises:
        EventsUnavailable: the event store cannot be reached; it waits.
    """
    if holder := folder.holder_of(settings.data):
        return _wait_for(directory, erasure) if holder.url else erasure  # another command erases nothing
    with folder.held(settings.data, "heropixel, erasing"), completed(settings):
        pass
    return find_erasure(directory.connection, erasure.app, erasure.id)


def _wait_for(directory: Directory, erasure: Erasure) -> Erasure:
    until = time.monotonic() + _WAIT_SECONDS
    while erasure.done_at is None and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
        erasure = find_erasure(directory.connection, erasure.app, erasure.id)
    return erasure
