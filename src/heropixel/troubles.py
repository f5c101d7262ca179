"""Every trouble: what an operator has to mend before a command can go on, and how, once.

A `Trouble` is for the user of the command line: its docstring says what is wrong and what to do next.
"""

from typing import ClassVar

from heropixel.errors import Explained


class Trouble(Explained):
    """Something the operator has to mend before the command can go on; `exit_code` is the command's."""

    exit_code: ClassVar[int] = 1


class FolderInUse(Trouble):
    """Another process ({process}) has the folder {folder} open. Stop it, or start with another --data."""

    exit_code = 3


class FolderMissing(Trouble):
    """There is no folder {folder}. Is --data right? `heropixel apps create` and `heropixel serve` make one."""

    exit_code = 2


class FolderNotWritable(Trouble):
    """Cannot write to {folder} ({why}). Give this user write permission, or choose another --data."""

    exit_code = 4


class FolderFromNewerVersion(Trouble):
    """{store} in {where} was made by a newer version of heropixel. Install that version or a later one."""

    exit_code = 5


class FolderFromNewerEngine(FolderFromNewerVersion):
    """The event store in {where} was made by another version of the event engine ({made_by}; this one is {ours}), which
    may keep pageviews in ways that this one damages. Nothing was touched. Start it with the version of heropixel that
    made it, or export its pageviews with that (`heropixel pageviews export`) and import them into a new folder here."""


class PortUnusable(Trouble):
    """Cannot listen on {host}:{port} ({why}). Choose another --port, or stop the program that has it."""

    exit_code = 3


class UnknownStore(Trouble):
    """{url} is not a {role} this version can open. Use one of: {known}."""

    exit_code = 2


class SettingUnusable(Trouble):
    """{setting} cannot be used: {why}. See docs/settings.md."""

    exit_code = 2


class PlacesUnusable(Trouble):
    """{path} cannot be read as a file of places ({why}). HEROPIXEL_PLACES must name one in MaxMind's format (.mmdb),
    see docs/enrichment.md; without the setting no places are looked up."""

    exit_code = 2


class KeyUnusable(Trouble):
    """{path} does not hold a key, which is 64 to 128 hexadecimal digits. Restore the right one from your backup:
    without it no user can be found."""

    exit_code = 6


class KeyMissing(Trouble):
    """The directory was made with another key. Restore the right `directory.key` beside it, or set HEROPIXEL_KEY:
    without it no user can be found."""

    exit_code = 6


class StoreFailed(Trouble):
    """A store cannot be used now: {why}. Nothing was left half done; correct the cause and try again."""

    exit_code = 8


class AppNotFound(Trouble):
    """There is no app {app}. See `heropixel apps list`."""

    exit_code = 7


class NothingTaken(Trouble):
    """Not a single row of {path} was imported. Correct the rows by the reasons in {rejected}, and import the file
    again."""

    exit_code = 1


class NotVerified(Trouble):
    """At {url} {what}."""

    exit_code = 9


class FileUnusable(Trouble):
    """{path}: {why}."""

    exit_code = 2


class ServerRefused(Trouble):
    """{why}."""

    exit_code = 2


class ServerUnreachable(Trouble):
    """The folder {folder} is open in {process}, which does not answer ({why}). Wait until it is ready, or stop it and
    try again."""

    exit_code = 3
