"""What doors ask of the engine, the one part of a server that has the event store open."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from heropixel.channels.calling import CallLine, calling
from heropixel.errors import EventStoreUnavailable
from heropixel.events.asking import Asking
from heropixel.reports.reporting import Reporting
from heropixel.upkeep.catching_up import CatchingUp


class ToEngine(NamedTuple):
    """All that is asked of it, whichever process it is in."""

    asking: Asking
    reporting: Reporting
    catching_up: CatchingUp


@contextmanager
def line_to_engine(path: Path, seconds: float = 3.0) -> Iterator[ToEngine]:
    """Ask the engine that listens at a path. A call waits so many `seconds` for one that is starting.

    Every call raises EventStoreUnavailable where the engine is not there. The next one asks again.
    """
    with closing(CallLine(path, EventStoreUnavailable, seconds)) as line:
        yield ToEngine(calling(Asking, line), calling(Reporting, line), calling(CatchingUp, line))
