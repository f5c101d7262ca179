"""What all parts of a server stand on. It is made before they are forked."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from heropixel.processes.joint_state import ALONE, JointState
from heropixel.processes.sockets import Sockets, opened_sockets
from heropixel.settings import Settings


class Foundation(NamedTuple):
    """The settings, the sockets between the parts, and the state in memory that they share."""

    settings: Settings
    sockets: Sockets
    joint: JointState


@contextmanager
def founded(settings: Settings, parts: Sequence[str] = (ALONE,), *, in_data: bool = True) -> Iterator[Foundation]:
    """Make it for parts of these names. This process holds the folder.

    Without `in_data` its sockets are elsewhere: those of other parts are there.
    """
    with opened_sockets(settings.data if in_data else None) as sockets:
        yield Foundation(settings, sockets, JointState.made(settings, parts))
