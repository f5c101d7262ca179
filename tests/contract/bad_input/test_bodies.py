"""A body that is too large, breaks off or is packed wrongly is answered with what is taken."""

import gzip
import http.client
import json
import re
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.contract.bad_input.sending import (
    LIMITS,
    answer,
    document,
    request_with,
    send,
    told,
)
from tests.world import Server

TOO_LARGE = b'{"query":"' + b"x" * 10_000_000 + b'"}'


def in_chunks(body: bytes, size: int = 65_536) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize("size", [LIMITS.max_body + 1, 10_000_000])
def test_a_body_over_the_limit_is_413_and_says_what_is_taken(server: Server, size: int, chunked: bool) -> None:
    body = TOO_LARGE[:size]
    assert str(LIMITS.max_body) in told(send(server, in_chunks(body) if chunked else body), 413)


def test_a_body_at_the_limit_is_taken(server: Server) -> None:
    body = document("{ __typename }")
    assert send(server, body + b" " * (LIMITS.max_body - len(body))).json() == {"data": {"__typename": "Query"}}


def test_a_body_that_breaks_off_is_not_executed_even_if_it_is_whole_json(server: Server) -> None:
    host = server.url.removeprefix("http://")
    for number in range(2):
        email = f"{uuid4().hex}@example.com"
        body = request_with(server, email=email)
        lengths = (
            f"Content-Length: {len(body) + 9}\r\n\r\n".encode() + body,
            f"Transfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n",
        )
        head = f"POST /graphql HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port))) as connection:
            connection.sendall(head + lengths[number])
            time.sleep(0.2)  # until the server has it all
        assert server.pageview(email=email)["message"] == "User Created"


def test_a_url_over_the_limit_is_414(server: Server) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/graphql?query={__typename}&x=" + "x" * 60_000)
    response = connection.getresponse()
    assert response.status == 414
    assert "POST" in json.loads(response.read())["errors"][0]["message"]
    connection.close()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_body_may_come_as_gzip(server: Server, encoding: str) -> None:
    body = gzip.compress(request_with(server))
    assert answer(send(server, body, {"content-encoding": encoding}))["code"] == 200


ONE = gzip.compress(document("{ __typename }"))


@pytest.mark.parametrize(
    "body",
    [b"", b"NONSENSE", document("{ __typename }"), ONE[:-1], ONE[:12], ONE[:-8] + bytes(8), ONE + b"x"],
    ids=["empty", "no gzip", "plain", "without its end", "its beginning", "a wrong checksum", "more after it"],
)
def test_broken_gzip_is_400(server: Server, body: bytes) -> None:
    assert "gzip" in told(send(server, body, {"content-encoding": "gzip"}), 400)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "nonsense"])
def test_an_unknown_encoding_is_415_and_says_which_is_known(server: Server, encoding: str) -> None:
    response = send(server, ONE, {"content-encoding": encoding})
    assert "gzip" in told(response, 415)
    assert response.headers["accept-encoding"] == "gzip"


def bomb(megabytes: int) -> bytes:
    """Gzip of so many megabytes of zeros, at a thousandth of the size; its checksum is wrong."""
    deflater = zlib.compressobj(wbits=31)
    first, *more = (deflater.compress(bytes(1_000_000)) + deflater.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + more[0] * (megabytes - 1)


STATUS = "/proc/{}/status"


def most_memory(server: Server) -> int:
    """The most memory the server ever had, in kilobytes."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(STATUS.format(server.process.pid)).read_text())
    return int(line)


@pytest.mark.skipif(not Path(STATUS.format("self")).exists(), reason="memory is read from /proc")
def test_a_gzip_bomb_is_413_and_never_unpacked(server: Server) -> None:
    before = most_memory(server)
    body = bomb(800)
    assert len(body) < LIMITS.max_body
    told(send(server, body, {"content-encoding": "gzip"}), 413)
    assert most_memory(server) - before < 100_000


def test_gzip_that_unpacks_to_a_byte_over_the_limit_is_413(server: Server) -> None:
    body = document("{ __typename }")
    for spaces, status in ((0, 200), (1, 413)):
        plain = body + b" " * (LIMITS.max_body - len(body) + spaces)
        assert send(server, gzip.compress(plain), {"content-encoding": "gzip"}).status_code == status
