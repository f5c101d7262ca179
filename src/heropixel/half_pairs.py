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

    Raises:
        UnicodeDecodeError: the text is not UTF-8 even so.
    """
    if b"\xed" in body:
        body = whole_text(body.decode("utf-8", "surrogatepass")).encode()
    return _ESCAPES.sub(lambda found: b"\\ufffd" if found["half"] else found[0], body)


# Pairs come first, so that their halves do not match as lone ones. The last branch skips an escaped backslash.
_ESCAPES = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F]..)|.)", re.DOTALL)
