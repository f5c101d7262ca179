"""The folder of a server: that of its stores, or a temporary one if all of them are on other servers."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heropixel.settings import Settings
from heropixel.troubles import KeyNotSet


@contextmanager
def in_own_folder(settings: Settings) -> Iterator[Settings]:
    """The settings with the folder of a server. A temporary one has the lock and the sockets, and is gone at its end.

    Raises:
        KeyNotSet: no file can hold the key, and the settings have none.
    """
    if settings.keeps_files:
        yield settings
        return
    if not settings.key:
        raise KeyNotSet
    with tempfile.TemporaryDirectory(prefix="heropixel-", ignore_cleanup_errors=True) as folder:
        yield settings.model_copy(update={"data": Path(folder)})
