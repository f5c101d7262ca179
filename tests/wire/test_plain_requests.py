"""A request that is split is what the parser reads in it; everything unusual is left to the parser."""

import random
from collections.abc import Iterator
from typing import Any

import httptools
import pytest

from heropixel.wire.plain_requests import PlainRequests

WANTED = frozenset({(b"POST", b"/graphql"), (b"POST", b"/collect"), (b"GET", b"/pixel.gif")})
CASES = 20_000
LINES = [
    *[
        b"Accept: */*",
        b"accept:text/html",
        b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)",
        b"Referer: https://a.org/?b#c",
    ],
    *[b"Connection: keep-alive", b"connection: Keep-Alive", b"Cookie: a=b; c=d", b"Authorization: Basic YTpi"],
    *[b'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"', b"X-Odd_Name.: a:b", b"DNT: 1", b"Origin: null"],
]
ODD_LINES = [
    *[b"Connection: close", b"Transfer-Encoding: chunked", b"Upgrade: websocket", b"Expect: 100-continue"],
    *[b"Content-Length: 3", b"content-length: +5", b"Content-Length: 05", b"Host: other", b"Empty:", b"Empty: "],
    *[b" folded: a", b"\tfolded", b"Bad Name: a", b"No-Colon", b"Spaces:  a", b"After: a ", b"Tab:\ta", b"Latin: \xe9"],
    *[
        b"Nul: \0",
        b"Bare: a\nb: c",
        b"Return: a\rb",
        b":a",
        b"Proxy-Connection: close",
        b"TE: trailers",
        b"Accept: */*",
    ],
]
QUERIES = [b"", b"?", b"?a=b&c=%20d", b"?a=b#c", b"?a b", b"?\xe9", b'?"<>', b"?a?b/c:d@e", b"#?a"]


class Parsed:
    """What the parser reads in some bytes."""

    def __init__(self, data: bytes) -> None:
        self.url = self.body = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.messages = 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method = parser.get_method()
        self.version = parser.get_http_version()
        self.stays_open = parser.should_keep_alive() and not parser.should_upgrade()

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


def requests(chance: random.Random) -> Iterator[bytes]:
    """Plain requests, and requests that are not quite so."""
    while True:
        method, path = chance.choice([*WANTED, (b"PUT", b"/graphql"), (b"POST", b"/else"), (b"GET", b"/graphql")])
        query = chance.choice(QUERIES) if method == b"GET" or chance.random() < 0.1 else b""
        body = b"" if method == b"GET" else chance.choice([b"{}", b"a\r\n\r\nb", b"x" * 700])
        lines = chance.sample(LINES, chance.randrange(6)) + [b"Host: example.com"] * (chance.random() < 0.95)
        lines += [b"Content-Length: %d" % len(body)] * (bool(body) is not (chance.random() < 0.03))
        lines += [chance.choice(ODD_LINES)] * (chance.random() < 0.3)
        chance.shuffle(lines)
        version = chance.choice([b"HTTP/1.1"] * 20 + [b"HTTP/1.0", b"http/1.1"])
        head = b"\r\n".join((b"%b %b%b %b" % (method, path, query, version), *lines))
        end = chance.choice([b""] * 20 + [b"\r\n", b"GET / HTTP/1.1\r\n\r\n"])
        yield b"%b\r\n\r\n%b%b" % (head, body, end)


def test_what_is_split_is_what_the_parser_reads() -> None:
    plain, made = PlainRequests(WANTED, 2_000, 20), requests(random.Random(11))
    split = 0
    for _ in range(CASES):
        data = next(made)
        found = plain.split(data)
        if found is None:
            continue
        split += 1
        (head, body), parsed = found, Parsed(data)
        url = httptools.parse_url(parsed.url)
        assert parsed.messages == 1
        assert parsed.stays_open
        assert parsed.version == "1.1"
        assert (head.method.encode(), head.path, head.query) == (parsed.method, url.path, url.query or b""), data
        assert (head.headers, head.by_name, body) == (parsed.headers, dict(parsed.headers), parsed.body), data
    assert split > CASES / 6


def a_request(*lines: bytes, body: bytes = b"{}") -> bytes:
    head = b"\r\n".join((b"POST /graphql HTTP/1.1", b"Host: a", *lines, b"Content-Length: %d" % len(body)))
    return head + b"\r\n\r\n" + body


@pytest.mark.parametrize("line", ODD_LINES[:-1])
def test_a_line_about_which_there_is_something_to_decide_is_left_to_the_parser(line: bytes) -> None:
    plain = PlainRequests(WANTED, 2_000, 20)
    assert plain.split(a_request()) is not None
    assert plain.split(a_request(line)) is None


@pytest.mark.parametrize(
    "data",
    [
        a_request()[:-1],
        a_request() + b"x",
        a_request() * 2,
        a_request(*(b"A%d: b" % number for number in range(30))),
        a_request(b"A: " + b"b" * 3_000),
        b"\r\n" + a_request(),
    ],
)
def test_more_or_less_than_one_request_within_limits_is_left_to_the_parser(data: bytes) -> None:
    assert PlainRequests(WANTED, 2_000, 20).split(data) is None


def test_a_part_of_a_known_head_is_left_to_the_parser() -> None:
    plain = PlainRequests(WANTED, 2_000, 20)
    rest = len(b"POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 49") - 2
    whole = a_request(body=b"x" * rest)
    assert plain.split(whole) is not None
    assert [plain.split(whole[:end]) for end in range(len(whole))] == [None] * len(whole)


PERSONAL = [
    *[b"Cookie: a=b", b"Authorization: Basic YTpi", b"Forwarded: for=203.0.113.9", b"X-Forwarded-For: 203.0.113.9"],
    *[b"Referer: https://a.org/account/7", b"CF-Connecting-IP: 203.0.113.9", b"X-Request-Id: 7"],
]


def test_what_is_kept_is_bounded_and_says_of_nobody_who_they_are() -> None:
    plain: Any = PlainRequests(WANTED, 2_000, 20)
    for number in range(10_000):
        assert plain.split(a_request(b"User-Agent: %d" % number, *PERSONAL))
        assert plain.split(a_request(b"User-Agent: %d" % number, PERSONAL[number % len(PERSONAL)]))
        assert plain.split(a_request(b"User-Agent: %d" % number))
    kept = [*plain._lines, *plain._heads]
    assert 2 < len(kept) < 10_000
    assert not [each for each in kept for line in PERSONAL if line in each]
