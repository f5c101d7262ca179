"""Half of a surrogate pair, such as half an emoji in a title that was cut, becomes U+FFFD. Pure.

No store can hold it, and no encoding can write it. A text is not lost because of it.
"""

import re

LOST = "\N{REPLACEMENT CHARACTER}"


def whole_text(text: str) -> str:
    """The text with its pairs joined, and U+FFFD for each half of one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def whole_json(body: bytes) -> bytes:
    """A JSON text with U+FFFD for each half of a pair, written as an escape or as three bytes. All else stays.

    A text with very many of either stays as it is, since it would take long.

    Raises:
        UnicodeDecodeError: the text is not UTF-8 even so.
    """
    if 0 < body.count(b"\xed") <= _MOST:
        body = whole_text(body.decode("utf-8", "surrogatepass")).encode()
    if 0 < body.count(b"\\ud") + body.count(b"\\uD") <= _MOST:
        body = _with_whole_escapes(body)
    return body


_MOST = 10_000  # 10 ms; a thousand titles with five emojis each


def _with_whole_escapes(body: bytes) -> bytes:
    parts: list[bytes] = []
    taken = 0
    for found in _ESCAPES.finditer(body):
        before = body[taken : found.start()]
        backslashes = len(before) - len(before.rstrip(b"\\"))
        is_escape = backslashes % 2 == 0  # else the backslash before it escapes this one
        parts += [before, b"\\ufffd" if is_escape and found["half"] else found[0]]
        taken = found.end()
    return b"".join([*parts, body[taken:]])


# A pair, or half of one. It begins with a constant, for which the search is fast.
_ESCAPES = re.compile(rb"\\u(?:[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>[dD][89a-fA-F]..))", re.DOTALL)
