"""What strangers send fills no disk: however often they send it, the log has some lines a minute."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from heropixel.cli.log_lines import MOST
from tests.world import Server, make_world, running

TIMES = 3 * MOST

HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
)


def posted(path: str, body: bytes, kind: bytes = b"application/json") -> bytes:
    head = (
        b"POST %b HTTP/1.1\r\nhost: a\r\norigin: https://no.example\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n"
    )
    return head % (path.encode(), kind, len(body)) + body


# What strangers can send that is wrong at each layer, from the parser to the resolvers.
WRONG = {
    "no request": b"nonsense\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\nhost: a\r\n" + b"a: b\r\n" * 500 + b"\r\n",
    "a terminal's escape": b"GET /\x1b[2J HTTP/1.1\r\nhost: a\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "another upgrade": b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n",
    "no handshake": HANDSHAKE.replace(b"sec-websocket-key", b"x"),
    "another path": HANDSHAKE.replace(b"/graphql", b"/nothing"),
    "a frame that is none": HANDSHAKE + b"\xff" * 20,
    "a text that is none": HANDSHAKE + b"\x81\x82\x00\x00\x00\x00\xff\xff",
    "a message that is none": HANDSHAKE + b"\x81\x81\x00\x00\x00\x00{",
    "a body that is none": posted("/graphql", b"{"),
    "a document that is none": posted("/graphql", b'{"query": "{"}'),
    "a number without an end": posted("/graphql", b'{"query": "{ pixel(id: %b) { message } }"}' % (b"9" * 5_000)),
    "no credentials": posted("/graphql", b'{"query": "{ apps { message } }"}'),
    "a beacon that is none": posted("/collect", b"\xff{", b"text/plain"),
    "a beacon of another site": posted("/collect", b'{"p":1,"u":"https://no.example/"}', b"text/plain"),
    "a path with zeros": b"GET /%00%ff/../x HTTP/1.1\r\nhost: a\r\n\r\n",
    "a body that ends early": posted("/graphql", b"{}").replace(b"content-length: 2", b"content-length: 9"),
    "chunks that are none": b"POST /graphql HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
}


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that all of this is sent to."""
    with running(make_world(tmp_path_factory.mktemp("noisy") / "data")) as server:
        yield server


def send(server: Server, sent: bytes) -> None:
    """Send it on a connection of its own, and read until the server closes it or has answered."""
    with socket.create_connection((urlsplit(server.url).hostname, urlsplit(server.url).port)) as client:
        client.settimeout(30)
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65_536):
            pass


def logged(server: Server) -> int:
    """How many lines of the log there are, apart from what the start prints."""
    return sum(line.startswith(b"{") for line in server.log.read_bytes().splitlines())


@pytest.mark.parametrize("sent", WRONG.values(), ids=WRONG.keys())
def test_whatever_a_stranger_sends_again_and_again_is_some_lines_of_the_log(noisy: Server, sent: bytes) -> None:
    before = logged(noisy)
    for _ in range(TIMES):
        send(noisy, sent)
    assert logged(noisy) - before <= MOST + 1


def test_requests_that_cannot_be_parsed_are_counted(noisy: Server) -> None:
    before = malformed(noisy)
    for _ in range(TIMES):
        send(noisy, WRONG["no request"])
    send(noisy, WRONG["too many headers"])
    after = malformed(noisy)
    assert after["400"] - before.get("400", 0) == TIMES
    assert after["431"] - before.get("431", 0) == 1


def malformed(server: Server) -> dict[str, float]:
    """How many there were, by status."""
    name = 'heropixel_malformed_requests_total{status="'
    lines = (line for line in server.http.get("/metrics").text.splitlines() if line.startswith(name))
    return {line[len(name) :][:3]: float(line.split()[1]) for line in lines}
