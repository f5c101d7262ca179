"""What a check looks at, and what it says."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import NamedTuple

from heropixel.folder import Holder
from heropixel.operating.state import ServerState
from heropixel.settings import Settings


class Verdict(StrEnum):
    """How grave it is what a check has found."""

    OK = "OK"
    WARNING = "WARNING"  # it works, and somebody should look at it
    BROKEN = "BROKEN"  # a promise cannot be kept
    UNKNOWN = "UNKNOWN"  # it cannot be told from here


class Diagnosis(NamedTuple):
    """The result of one check: what was found, and what to do where it is not well."""

    verdict: Verdict
    found: str
    to_do: str = ""


class RunningServer(NamedTuple):
    """The process that holds the folder."""

    holder: Holder
    state: ServerState | None  # None: it is a command, or a server that does not answer
    trouble: str = ""  # why it does not
    not_ready: str = ""  # what `GET /ready` says where it is not 200


class Subject(NamedTuple):
    """What the checks look at."""

    settings: Settings  # of the server, where one runs and tells them
    given: Settings  # of this command
    variables: Mapping[str, str]  # the environment of the server, else of this command
    server: RunningServer | None
    now: int  # Unix milliseconds

    @property
    def state(self) -> ServerState | None:
        """How the running server is; None where none answers."""
        return self.server.state if self.server else None

    @property
    def process(self) -> str:
        """The name below `/proc` of the process that is looked at."""
        return str(self.server.holder.pid) if self.server else "self"


# None: the check does not concern this installation.
Check = Callable[[Subject], Diagnosis | None]


def ok(found: str) -> Diagnosis:
    """All is well."""
    return Diagnosis(Verdict.OK, found)


def warning(found: str, to_do: str) -> Diagnosis:
    """It works, and somebody should look at it."""
    return Diagnosis(Verdict.WARNING, found, to_do)


def broken(found: str, to_do: str = "") -> Diagnosis:
    """A promise cannot be kept."""
    return Diagnosis(Verdict.BROKEN, found, to_do)


def unknown(found: str, to_do: str = "") -> Diagnosis:
    """It cannot be told from here."""
    return Diagnosis(Verdict.UNKNOWN, found, to_do)
