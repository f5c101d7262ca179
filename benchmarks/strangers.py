"""How long others wait while a stranger sends the worst documents, frames, headers and bodies. It has no credentials.

Each case is sent five times, each time a little different, so that no answer is kept. Meanwhile pageviews are recorded
one after the other. Counted is the longest wait of one of them.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from statistics import median

from benchmarks.line import Line
from benchmarks.pageviews import single_body
from benchmarks.servers import HOST
from benchmarks.stage import Stage

TURNS = 5
MOST = 100  # milliseconds
SECONDS = 1.0  # of pageviews after the stranger has begun

Attack = Callable[[int, int], None]  # of a port; the number makes each a little different


def measure(stage: Stage) -> Iterator[Line]:
    """The worst case, and all others in its note."""
    port = stage.server.port
    bodies = (single_body(stage.world, event) for event in stage.world.events(seed=3))
    quiet = median(longest_wait(port, bodies, lambda *_: None, turn) for turn in range(TURNS))
    waits = {
        name: median(longest_wait(port, bodies, attack, turn) for turn in range(TURNS))
        for name, attack in ATTACKS.items()
    }
    worst = max(waits, key=lambda name: waits[name])
    yield Line(
        f"longest wait beside a stranger's {worst}",
        waits[worst],
        "ms",
        "alone",
        quiet,
        "<=",
        MOST,
        "measured",
        note="median of five; " + ", ".join(f"{name} {wait:.0f} ms" for name, wait in waits.items()),
    )


def longest_wait(port: int, bodies: Iterator[bytes], attack: Attack, turn: int) -> float:
    """Milliseconds that a pageview waited at most, from when the attack began until a second after it."""
    connection = HTTPConnection(HOST, port, timeout=60)
    _record(connection, next(bodies))
    attacking = threading.Thread(target=_ended(attack), args=(port, turn), daemon=True)
    attacking.start()
    until, longest = time.monotonic() + SECONDS, 0.0
    while time.monotonic() < until:
        began = time.monotonic()
        _record(connection, next(bodies))
        longest = max(longest, time.monotonic() - began)
        time.sleep(0.002)
    attacking.join(60)
    connection.close()
    return longest * 1000


def _record(connection: HTTPConnection, body: bytes) -> None:
    connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
    if b'"code":200' not in connection.getresponse().read():
        raise RuntimeError("A pageview was not recorded beside a stranger.")


def _ended(attack: Attack) -> Attack:
    """The attack: that the server hangs up is no fault of it."""

    def attacking(port: int, turn: int) -> None:
        with contextlib.suppress(OSError):
            attack(port, turn)

    return attacking


# --- What a stranger sends ---


def _post(body: str, path: str = "/graphql") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return (head + body).encode()


def _send(port: int, *chunks: bytes) -> None:
    """Send on one connection, and wait for some of the answer."""
    with socket.create_connection((HOST, port), timeout=30) as connection:
        for chunk in chunks:
            connection.sendall(chunk)
        connection.recv(65_536)


def _document(text: str) -> Attack:
    return lambda port, turn: _send(port, _post(f'{{"query": "query Q{turn} {text}"}}'))


def _documents_at_once(port: int, turn: int) -> None:
    """A hundred connections with a document each, none of which is answered yet when the last is sent."""
    with contextlib.ExitStack() as opened:
        connections = [opened.enter_context(socket.create_connection((HOST, port), timeout=30)) for _ in range(100)]
        for number, connection in enumerate(connections):
            connection.sendall(_post(f'{{"query": "query Q{turn}x{number} {_INTROSPECTION}"}}'))
        connections[0].recv(65_536)


def _frames(first: bytes, frame: bytes) -> Attack:
    handshake = (
        b"GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\n"
        b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    return lambda port, _turn: _send(port, handshake, first + frame * 100_000)


def _frame(opcode: int, text: bytes = b"") -> bytes:
    return struct.pack("!BB4x", opcode, 0x80 | len(text)) + text


def _many_sockets(port: int, _turn: int) -> None:
    with contextlib.ExitStack() as opened:
        for _ in range(300):
            connection = opened.enter_context(socket.create_connection((HOST, port), timeout=30))
            connection.sendall(b"GET /graphql HTTP/1.1\r\nhost: a\r\n")
        time.sleep(SECONDS / 2)


_INTROSPECTION = (
    "{ __schema { "
    + " ".join(f"a{n}: types {{ fields {{ args {{ name type {{ name }} }} name }} }}" for n in range(26))
    + " } }"
)
_REPEATED = "{ __schema { " + "types { name } " * 240 + "} }"
_EVENT = '{"pixelId": 1, "domain": "example.com", "email": "a@b"},'

ATTACKS: dict[str, Attack] = {
    "introspection": _document(_INTROSPECTION),
    "repeated fields": _document(_REPEATED),
    "operations": _document("{ __typename } " + " ".join(f"query a{n} {{ __typename }}" for n in range(380))),
    "unknown fields": _document("{ __schema { " + " ".join(f"x{n}" for n in range(480)) + " } }"),
    "unknown inputs": _document(
        "{ __typename } mutation M { pageview(event: {" + " ".join(f"x{n}: 1" for n in range(480)) + "}) { code } }"
    ),
    "documents on 100 connections": _documents_at_once,
    "large variables": lambda port, _turn: _send(
        port,
        _post(
            '{"query": "mutation ($e: [PageviewEventInput!]!) { pageviews(events: $e) { code } }", "variables": {"e": ['
            + (_EVENT * 15_000)[:-1]
            + "]}}"
        ),
    ),
    "deep JSON": lambda port, _turn: _send(port, _post("[" * 500_000)),
    "frames of one byte": _frames(_frame(0x01, b"a"), _frame(0x00, b"a")),
    "pings": _frames(b"", _frame(0x89)),
    "messages": _frames(b"", _frame(0x81, b"a")),
    "5,000 headers": lambda port, _turn: _send(port, b"GET / HTTP/1.1\r\nhost: a\r\n" + b"a: b\r\n" * 5_000),
    "long header": lambda port, _turn: _send(port, b"GET / HTTP/1.1\r\nhost: a\r\na: " + b"b" * 500_000),
    "chunks of one byte": lambda port, _turn: _send(
        port,
        b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        + b"1\r\na\r\n" * 100_000,
    ),
    "requests at once": lambda port, _turn: _send(port, b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n" * 10_000),
    "300 slow connections": _many_sockets,
}
