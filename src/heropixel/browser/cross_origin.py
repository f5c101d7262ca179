"""What a page of another site may request, by the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol).

Every origin is allowed, credentials included. An answer holds nothing to read. The endpoint itself checks whether the
pixel may be used there, and answers every origin in the same words.
"""

from heropixel.wire.security import NO_PAGE

AnswerHeaders = list[tuple[bytes, bytes]]

_A_DAY = b"86400"  # seconds; browsers cap it: Chromium at 2 hours


def allowing(origin: bytes | None) -> AnswerHeaders:
    """The headers of an answer to a page of this origin."""
    if origin is None:
        return [(b"vary", b"origin")]
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]


def preflight(origin: bytes | None) -> AnswerHeaders:
    """The headers of the answer to a preflight for a beacon in JSON."""
    return [
        *allowing(origin),
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", _A_DAY),
        *NO_PAGE,
    ]
