"""The names operators give to apps and pixels. Pure."""

import unicodedata

from heropixel.errors import InvalidName

MAX_NAME = 256


def usable_name(text: str) -> str:
    """The name, trimmed.

    Raises:
        InvalidName: the trimmed name is empty, too long, or has characters that cannot be printed.
    """
    name = text.strip()
    if not 0 < len(name) <= MAX_NAME or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise InvalidName(limit=MAX_NAME)
    return name
