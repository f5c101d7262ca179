"""What a page of another site may ask of this server, by the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol).

Every origin is allowed, credentials included: there is nothing to read in an answer, and whether the pixel may be used
there is for the door to say, to each in the same words.
"""

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
    """The headers of the answer to whether a beacon in JSON may be sent."""
    return [
        *allowing(origin),
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", _A_DAY),
    ]
