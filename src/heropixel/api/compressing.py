"""Large answers of figures are compressed, and no others: the length of an answer may tell a stranger what is in it.

Compression shortens what repeats. A stranger chooses the paths and referrers of the pageviews that their own browser
sends. If one of these texts stood in a compressed answer beside a secret, its length would say how much of the secret
they guessed, to whoever sees the connection (BREACH). So secrets, keys, links, people and single pageviews are never
compressed. With the figures of a view come the name of who looks at them and the names of pixels. No field at the root
shares repetitions with another.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec

from heropixel.api.sign_in_pages import Reply
from heropixel.wire.codings import accepted_codings

SHORTEST: Final = 4_096  # bytes: a shorter answer fits into the first packets of a connection as it is
GZIP: Final = ((b"content-encoding", b"gzip"), (b"vary", b"accept-encoding"))
_COMPRESSED: Final = {"report", "me", "pixels"}
_LEVEL: Final = 1  # the next ones take twice the time for a tenth less


Shorten = Callable[[Mapping[str, Any]], bytes | None]


def compressed(
    body: Mapping[str, Any], roots: Callable[[], Mapping[str, str]], headers: Mapping[bytes, bytes], reply: Reply
) -> bytes | None:
    """The body of an answer as JSON in gzip; None where it must not be compressed, or the client does not take it.

    `roots` returns the field at the root behind each key of its data.
    """
    data = body.get("data")
    if body.keys() != {"data"} or not isinstance(data, Mapping) or not {*roots().values()} <= _COMPRESSED:
        return None
    if reply.tells_people or "gzip" not in accepted_codings(headers.get(b"accept-encoding", b"").decode("latin-1")):
        return None
    deflate = zlib.compressobj(_LEVEL, wbits=31)  # gzip, RFC 1952
    # A full flush forgets what was there before.
    parts = [deflate.compress(part) + deflate.flush(zlib.Z_FULL_FLUSH) for part in _parts(data)]
    return b"".join([*parts, deflate.flush()])


def _parts(data: Mapping[str, Any]) -> Iterator[bytes]:
    """JSON in parts, one for each field at the root."""
    yield b'{"data":{'
    for place, (key, value) in enumerate(data.items()):
        yield b"," * bool(place) + msgspec.json.encode(key) + b":" + msgspec.json.encode(value)
    yield b"}}"
