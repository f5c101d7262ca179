"""Looks at the directory without making or migrating it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from heropixel.directory import Directory, open_current
from heropixel.settings import Settings


@contextmanager
def looking_at(settings: Settings) -> Iterator[Directory | None]:
    """The directory; None if there is none yet, or one of an earlier version."""
    directory = open_current(settings.url_of_directory())
    if directory is None:
        yield None
        return
    with closing(directory):
        yield directory
