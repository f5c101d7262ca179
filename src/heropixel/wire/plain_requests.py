"""Requests in their plainest form are split, not parsed: the parser calls back six times and once for each header.

Plain is a request that came whole and alone, whose every line is one of a form about which there is nothing to decide:
printable ASCII, each name once, nothing that frames the body but one `Content-Length`. Whatever else there is goes to
the parser. A test has the parser read the same requests, and compares.
"""

import re
from collections.abc import Set
from typing import Final, TypeVar

import msgspec

Header = tuple[bytes, bytes]
V = TypeVar("V")


class PlainHead(msgspec.Struct, frozen=True, gc=False):  # made faster than a tuple with names, for each beacon
    """The head of a request."""

    method: str
    path: bytes
    query: bytes
    headers: list[Header]  # names in lower case, in order
    by_name: dict[bytes, bytes]  # the same; no name comes twice
    length: int  # of the body


class PlainRequests:
    """Splits plain requests for some methods and paths."""

    def __init__(self, wanted: Set[tuple[bytes, bytes]], header_bytes: int, headers: int) -> None:
        """Heads beyond so many `header_bytes` or `headers` are not plain."""
        self._first_lines = {b"%b %b HTTP/1.1" % each: each for each in wanted}
        self._with_query = {b"%b %b" % each: each for each in wanted}
        self._header_bytes = header_bytes
        self._most_lines = headers + 1
        self._lines: dict[bytes, Header] = {}
        self._heads: dict[bytes, PlainHead] = {}

    def split(self, data: bytes) -> tuple[PlainHead, bytes] | None:
        """The head and the body of the request that the data is; None where it is not a plain one."""
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return None
        written, body = data[:end], data[end + 4 :]
        head = self._heads.get(written)
        if head is None and end <= self._header_bytes:
            head = self._head(written)
        return (head, body) if head is not None and head.length == len(body) else None

    def _head(self, written: bytes) -> PlainHead | None:
        first, *lines = written.split(b"\r\n")
        if len(lines) >= self._most_lines:
            return None
        known = self._lines
        headers: list[Header] = []
        for line in lines:
            header = known.get(line) or self._header(line)
            if header is None:
                return None
            headers.append(header)
        by_name = dict(headers)
        if len(by_name) < len(headers) or b"host" not in by_name:
            return None
        asked, query = self._first_lines.get(first), b""
        if asked is None:
            wanted, _, rest = first.partition(b"?")
            asked = self._with_query.get(wanted)
            if asked is None or not _QUERY.fullmatch(rest):
                return None
            query = rest[: -len(_VERSION)]
        length = by_name.get(b"content-length")
        if (length is None) is not (asked[0] == b"GET"):
            return None
        head = PlainHead(asked[0].decode(), asked[1], query, headers, by_name, int(length or 0))
        if len(written) <= _LONGEST_HEAD and not query and by_name.keys() <= _SHARED:
            _keep(self._heads, written, head)
        return head

    def _header(self, line: bytes) -> Header | None:
        header = _header_in(line)
        if header is not None and len(line) <= _LONGEST_KEPT and _is_shared(*header):
            _keep(self._lines, line, header)
        return header


def _keep(kept: dict[bytes, V], written: bytes, value: V) -> None:
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[written] = value


_VERSION: Final = b" HTTP/1.1"
# No `#`, which ends a query, and nothing that an URL should not have.
_QUERY = re.compile(rb"[!$-;=?-Z_a-z~]*" + re.escape(_VERSION))

# A name, and a value without white space around it but for the usual space.
_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([!-~](?:[ -~]*[!-~])?)")
_LENGTH = re.compile(rb"[1-9][0-9]{0,8}")
# What may change how the request ends, or what becomes of the connection.
_FRAMING = frozenset((b"transfer-encoding", b"upgrade", b"expect", b"proxy-connection", b"trailer", b"te"))

# Only these are kept in memory: many senders write the same. Others say who somebody is: secrets, addresses, pages.
_SHARED = frozenset(
    b"accept accept-encoding accept-language cache-control connection content-encoding content-length content-type dnt"
    b" host origin pragma priority sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode"
    b" sec-fetch-site sec-fetch-storage-access sec-gpc user-agent x-forwarded-host x-forwarded-proto".split()
)
_ORIGIN = re.compile(rb"https?://[^/]+/")  # the usual Referer of a beacon to another site
_LONGEST_KEPT: Final = 512  # bytes of a line
_LONGEST_HEAD: Final = 300  # bytes: those of programs; browsers send longer ones, and hardly one twice
_MOST_KEPT: Final = 4_096  # heads, and as many lines: 2 MB of each


def _is_shared(name: bytes, value: bytes) -> bool:
    return name in _SHARED or (name == b"referer" and _ORIGIN.fullmatch(value) is not None)


def _header_in(line: bytes) -> Header | None:
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    name, value = found[1].lower(), found[2]
    if (
        name in _FRAMING
        or (name == b"connection" and value.lower() != b"keep-alive")
        or (name == b"content-length" and not _LENGTH.fullmatch(value))
    ):
        return None
    return name, value
