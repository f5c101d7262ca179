"""Text that a terminal prints and does not obey: what strangers have sent is stored as they sent it.

An escape sequence can clear the screen, rename the window, or forge the line of a table. Pure.
"""

import re

# Control characters but for line breaks and the tab, among them those from 128 to 159 and lone surrogates; and the
# characters that turn the direction of a line.
_OBEYED = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def harmless(text: str) -> str:
    """The text, with a replacement character for each that a terminal obeys."""
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)


def harmless_line(text: str) -> str:
    """The same for a text that must stay in its line or cell."""
    return harmless(text).replace("\r", "").replace("\n", " ").replace("\t", " ")


def harmless_json(text: str) -> str:
    """JSON that means the same. JSON itself escapes only the first 32 characters."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
