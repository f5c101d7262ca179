"""The sockets between the parts of a server: in a folder of their own, since their paths must be short."""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Sockets(NamedTuple):
    """Where the parts listen, and the listening sockets. Who connects while a part starts again waits in its queue."""

    folder: Path
    to_writer: socket.socket
    to_engine: socket.socket
    to_operators: socket.socket

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
def opened_sockets() -> Iterator[Sockets]:
    """Listen on all of them. Only this user may connect."""
    with tempfile.TemporaryDirectory(prefix="heropixel-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        listening = [_listening(folder / one) for one in (_WRITER, _ENGINE, _OPERATORS)]
        try:
            yield Sockets(folder, *listening)
        finally:
            for one in listening:
                one.close()


def _listening(path: Path) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    listening.listen(64)
    return listening
