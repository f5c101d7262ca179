"""The sockets between the parts of a server: in a folder of their own, since their paths must be short."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple


class Sockets(NamedTuple):
    """Where the parts listen, and the listening sockets. Who connects while a part starts again waits in its queue."""

    folder: Path
    to_writer: socket.socket
    to_engine: socket.socket
    to_operators: socket.socket
    to_parent: socket.socket  # by which the engine asks the parent to start the parts on other stores
    of_parent: socket.socket  # its other end

    @property
    def writer(self) -> Path:
        """Where the writer listens."""
        return self.folder / _WRITER

    @property
    def engine(self) -> Path:
        """Where the engine listens for questions of doors."""
        return self.folder / _ENGINE

    @property
    def operators(self) -> Path:
        """Where the engine listens for commands."""
        return self.folder / _OPERATORS


_WRITER, _ENGINE, _OPERATORS = "writer", "engine", "operators"


@contextmanager
def opened_sockets(data: Path | None = None) -> Iterator[Sockets]:
    """Listen on all of them. Only this user may connect.

    They lie in the data folder where it is held and its path is short enough: commands find them there wherever the
    server has its temporary files. Else they lie in a temporary folder.
    """
    with ExitStack() as stack:
        folder = _own_folder(stack, data) if data is not None and fit_in(data) else _temporary_folder(stack)
        listening = [stack.enter_context(_listening(folder / one)) for one in (_WRITER, _ENGINE, _OPERATORS)]
        asking, asked = (stack.enter_context(end) for end in socket.socketpair())
        to_writer, to_engine, to_operators = listening
        yield Sockets(folder, to_writer, to_engine, to_operators, asking, asked)


_OWN = "sockets"
_LONGEST = 100  # bytes of a path; Linux takes 107, macOS 103


def fit_in(data: Path) -> bool:
    """Whether the path of a data folder is short enough for sockets in it."""
    return len(os.fsencode(data.absolute() / _OWN / _OPERATORS)) <= _LONGEST


def _own_folder(stack: ExitStack, data: Path) -> Path:
    folder = data.absolute() / _OWN
    shutil.rmtree(folder, ignore_errors=True)  # of a server that was killed
    folder.mkdir(mode=0o700)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _temporary_folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heropixel-", ignore_cleanup_errors=True)))


def _listening(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)
    return listening
