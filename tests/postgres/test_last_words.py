"""A server says that it ends a connection, and closes it a moment later. In between nothing may be asked of it."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from threading import Event

import psycopg

from heropixel.postgres import address_of, connect, is_lost
from tests.callers import calling
from tests.postgres.server import PostgresServer


def forwarding(source: socket.socket, target: socket.socket) -> Callable[[Event], None]:
    """Forwards everything but the end."""

    def forward(_: Event) -> None:
        with suppress(OSError):  # the target has ended
            while some := source.recv(65_536):
                target.sendall(some)

    return forward


@contextmanager
def never_closed(server: PostgresServer) -> Iterator[psycopg.Connection]:
    """A connection whose client does not see that the server closes it."""

    def forward(_: Event) -> None:
        with (
            listening.accept()[0] as client,
            socket.create_connection(("127.0.0.1", server.port)) as there,
            calling(forwarding(client, there), forwarding(there, client)),
        ):
            pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"postgresql://heropixel@127.0.0.1:{listening.getsockname()[1]}/postgres"
        with calling(forward), closing(connect(address_of(url), "journal")) as connection:
            yield connection


def test_a_connection_whose_end_was_said_is_lost_before_it_is_closed(postgres: PostgresServer) -> None:
    with never_closed(postgres) as connection:
        assert not is_lost(connection)
        postgres.run(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
        assert select.select([connection], [], [], 60)[0]
        assert is_lost(connection)
