"""The port of a server: each door has a listening socket of its own there."""

import socket

from heropixel.troubles import PortUnusable


def listen(host: str, port: int, doors: int) -> list[socket.socket]:
    """A listening socket for each door, all at one port: the system deals out the connections.

    Raises:
        PortUnusable: another program listens there, or this user may not.
    """
    is_shared = doors > 1
    if is_shared and port:
        # The system shares a shared port with every server of this user, also with one on another folder.
        _listen(host, port, shared=False).close()
    first = _listen(host, port, shared=is_shared)
    port = first.getsockname()[1]
    return [first, *(_listen(host, port, shared=True) for _ in range(1, doors))]


def url_of(listening: socket.socket) -> str:
    """The URL by which this machine reaches it."""
    host, port = listening.getsockname()[:2]
    return url_at(host, port)


def url_at(host: str, port: int) -> str:
    """The URL by which this machine reaches a server that listens there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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


_BACKLOG = 2048
