"""The stores of a folder are made or upgraded, before the parts open them."""

from contextlib import closing

import structlog

from heropixel.directory import open_directory
from heropixel.journal import open_journal
from heropixel.processes.index import index_of
from heropixel.processes.upgrading import upgrade
from heropixel.settings import Settings

log = structlog.get_logger()


def make_stores(settings: Settings) -> None:
    """Upgrade the folder if an earlier version made it, and make the directory, its key and the journal.

    Raises:
        Trouble: a store, or the key of the directory, cannot be used.
    """
    upgrade(settings, log.warning)
    with closing(open_directory(settings.url_of_directory())) as directory:
        index_of(settings, directory)
    open_journal(settings.url_of_journal()).close()
