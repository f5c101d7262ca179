"""The composition root: the processes of a server, in the order in which they are stopped."""

import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import msgspec

from heropixel import folder
from heropixel.operating.moving import ChangeAsked
from heropixel.processes.door import run_door
from heropixel.processes.door_parts import SeenBySettings
from heropixel.processes.doors import doors_of
from heropixel.processes.engine import run_engine
from heropixel.processes.forks import in_child
from heropixel.processes.foundation import Foundation, founded
from heropixel.processes.gate import Gate
from heropixel.processes.joint_state import ALONE, DOOR
from heropixel.processes.own_folder import in_own_folder
from heropixel.processes.parent import Parent, Part, Started
from heropixel.processes.port import listen, url_of
from heropixel.processes.sockets import Sockets
from heropixel.processes.steps import files_to_move
from heropixel.processes.stores import make_stores
from heropixel.processes.succession import IntoCluster, settings_in_cluster
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
        ExitStack() as lasting,
    ):
        doors = listen(settings.host, settings.port, count or 1)
        url = url_of(doors[0])
        announce(url, str(foundation.sockets.operators))
        folder.check_stores(settings.data, settings.stores_in_folder())
        in_child(partial(make_stores, settings))
        folder.check_stores(settings.data, settings.stores_in_folder())  # notes those that were made just now
        if count:
            foundation.joint.begin("parent")
            succeeding = partial(
                _into_cluster, settings, names, doors, lasting, lambda to: announce(url, str(to.operators))
            )
            Parent(_stages(foundation, doors), lambda: ready(url), foundation.sockets.of_parent, succeeding).run()
        else:
            foundation.joint.begin()
            run_whole(foundation, doors[0], lambda: ready(url))


def _stages(foundation: Foundation, doors: Sequence[socket.socket], gate: Gate | None = None) -> list[list[Part]]:
    """The parts, in the order in which they are stopped: what was accepted goes on its way meanwhile.

    With a gate, doors are prepared and wait there, and the engine begins behind it. Nobody talks to the writer before.
    """

    def part(name: str, run: Callable[[Started], None]) -> Part:
        def begin(started: Started) -> None:
            foundation.joint.begin(name)
            run(started)

        return Part(name, begin)

    def engine(started: Started) -> None:
        if gate is not None and not gate.is_open:
            started()
            gate.pass_through()
            run_engine(foundation, lambda: None)
        else:
            run_engine(foundation, started)

    return [
        [
            part(f"{DOOR}{number}", partial(run_door, foundation, door, gate=gate))
            for number, door in enumerate(doors, 1)
        ],
        [part("writer", partial(run_writer, foundation))],
        [part("engine", engine)],
    ]


def _into_cluster(
    settings: Settings,
    names: Sequence[str],
    doors: Sequence[socket.socket],
    lasting: ExitStack,
    announce: Callable[[Sockets], object],
    body: bytes,
) -> IntoCluster:
    """Parts on the stores of a cluster, as the command that moves the world has asked for."""
    asked = msgspec.json.decode(body, type=ChangeAsked)
    files = files_to_move(settings)
    return IntoCluster(
        asked,
        files,
        lasting,
        founded(settings_in_cluster(settings, asked), names, in_data=False),
        lambda foundation, gate: _stages(foundation, doors, gate),
        lambda foundation: announce(foundation.sockets),
    )
