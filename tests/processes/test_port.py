"""The port of a server: its doors share it, and no other server does."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket

import pytest

from heropixel.processes.port import listen
from heropixel.troubles import PortUnusable


@contextmanager
def listening(port: int, doors: int) -> Iterator[list[socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(door) for door in listen("127.0.0.1", port, doors)]


def test_all_doors_have_one_port() -> None:
    with listening(0, doors=3) as doors:
        assert len({door.getsockname() for door in doors}) == 1


@pytest.mark.parametrize("doors", [1, 2])
@pytest.mark.parametrize("its_doors", [1, 2])
def test_a_port_of_another_server_is_taken_however_many_doors_either_has(its_doors: int, doors: int) -> None:
    with listening(0, its_doors) as its:
        port = its[0].getsockname()[1]
        with pytest.raises(PortUnusable), listening(port, doors):
            pass
    with listening(port, doors):
        pass  # it is free again
