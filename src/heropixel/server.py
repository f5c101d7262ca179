"""The composition root: the processes of a server, in the order in which they are stopped."""

import os
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial

from heropixel import folder
from heropixel.processes.door import run_door
from heropixel.processes.door_parts import SeenBySettings
from heropixel.processes.engine import run_engine
from heropixel.processes.forks import in_child
from heropixel.processes.foundation import Foundation, founded
from heropixel.processes.joint_state import ALONE, DOOR
from heropixel.processes.parent import Parent, Part, Started
from heropixel.processes.stores import make_stores
from heropixel.processes.whole import run_whole
from heropixel.processes.writer import run_writer
from heropixel.settings import Settings
from heropixel.troubles import PortUnusable


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish the accepted work. `ready` gets the URL to connect to.

    Raises:
        Trouble: it cannot start; the message says what to do.
    """
    SeenBySettings.parse(settings)  # what a setting may be wrong for comes before any store is opened
    count = _doors_of(settings)
    numbered = (f"{DOOR}{number}" for number in range(1, count + 1))
    names = ["parent", *numbered, "writer", "engine"] if count else [ALONE]
    with folder.held(settings.data, "heropixel serve") as announce, founded(settings, names) as foundation:
        doors = _listening(settings, count or 1)
        url = _url_of(doors[0])
        announce(url, str(foundation.sockets.operators))
        folder.check_stores(settings.data, settings.stores_in_folder())
        in_child(partial(make_stores, settings))
        folder.check_stores(settings.data, settings.stores_in_folder())  # notes those that were made just now
        if count:
            foundation.joint.begin("parent")
            Parent(_stages(foundation, doors), lambda: ready(url)).run()
        else:
            foundation.joint.begin()
            run_whole(foundation, doors[0], lambda: ready(url))


def _stages(foundation: Foundation, doors: Sequence[socket.socket]) -> list[list[Part]]:
    """The parts, in the order in which they are stopped: what was accepted goes on its way meanwhile."""

    def part(name: str, run: Callable[[Started], None]) -> Part:
        def begin(started: Started) -> None:
            foundation.joint.begin(name)
            run(started)

        return Part(name, begin)

    return [
        [part(f"{DOOR}{number}", partial(run_door, foundation, door)) for number, door in enumerate(doors, 1)],
        [part("writer", partial(run_writer, foundation))],
        [part("engine", partial(run_engine, foundation))],
    ]


def _listening(settings: Settings, doors: int) -> list[socket.socket]:
    """A listening socket for each door, all at one port: the system deals out the connections."""
    first = _listen(settings.host, settings.port, shared=doors > 1)
    port = first.getsockname()[1]
    return [first, *(_listen(settings.host, port, shared=True) for _ in range(1, doors))]


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # who connects while a door starts again waits
    except OSError as error:
        listening.close()
        raise PortUnusable(host=host, port=port, why=error.strerror or error) from None
    return listening


def _doors_of(settings: Settings) -> int:
    """How many processes serve HTTP."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(_MOST_DOORS, cores - 1)) if settings.doors is None else settings.doors


_MOST_DOORS = 8  # by itself
_BACKLOG = 2048


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
