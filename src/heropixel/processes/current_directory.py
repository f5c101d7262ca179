"""Opens the directory for a command that shares it with the server. An earlier version's folder is upgraded first."""

import sys

from heropixel.directory import Directory, open_directory
from heropixel.directory.schema import is_behind, revision_of
from heropixel.folder import check_whole
from heropixel.settings import Settings, sqlite_file


def current_directory(settings: Settings) -> Directory:
    """The directory of the folder, which exists.

    Raises:
        Trouble: it cannot be opened or upgraded; the message says what to do.
    """
    check_whole(settings.data)
    file = sqlite_file(settings.url_of_directory())
    if file and is_behind(revision_of(file)):
        from heropixel.processes.upgrading import upgrade_unheld  # noqa: PLC0415 - nearly always there is nothing to do

        upgrade_unheld(settings, to_stderr)
    return open_directory(settings.url_of_directory())


def to_stderr(sentence: str) -> None:
    """Tell the user of a command something that is not its output."""
    sys.stderr.write(f"{sentence}\n")
