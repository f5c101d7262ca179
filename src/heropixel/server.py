"""The composition root: the processes of a server, in the order in which they are stopped."""

import socket
from collections.abc import Callable, Sequence
from functools import partial

from heropixel import folder
from heropixel.processes.door import run_door
from heropixel.processes.door_parts import SeenBySettings
from heropixel.processes.doors import doors_of
from heropixel.processes.engine import run_engine
from heropixel.processes.forks import in_child
from heropixel.processes.foundation import Foundation, founded
from heropixel.processes.joint_state import ALONE, DOOR
from heropixel.processes.own_folder import in_own_folder
from heropixel.processes.parent import Parent, Part, Started
from heropixel.processes.port import listen, url_of
from heropixel.processes.stores import make_stores
from heropixel.processes.whole import run_whole
from heropixel.processes.writer import run_writer
from heropixel.settings import Settings


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish the accepted work. `ready` gets the URL to connect to.

    Raises:
        Trouble: it cannot start; the message says what to do.
    """
    SeenBySettings.parse(settings)  # what a setting may be wrong for comes before any store is opened
    count = doors_of(settings)
    numbered = (f"{DOOR}{number}" for number in range(1, count + 1))
    names = ["parent", *numbered, "writer", "engine"] if count else [ALONE]
    with (
        in_own_folder(settings) as settings,
        folder.held(settings.data, "heropixel serve") as announce,
        founded(settings, names) as foundation,
    ):
        doors = listen(settings.host, settings.port, count or 1)
        url = url_of(doors[0])
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
