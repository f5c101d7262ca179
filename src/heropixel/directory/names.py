"""The names that people give to apps, pixels, shares and saved views. Pure."""

import unicodedata

from heropixel.errors import InvalidName

MAX_NAME = 256


def usable_name(text: str, limit: int = MAX_NAME) -> str:
    """The name, trimmed.

    Raises:
        InvalidName: the trimmed name is empty, too long, or has characters that cannot be printed.
    """
    name = text.strip()
    if not 0 < len(name) <= limit or any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise InvalidName(limit=limit)
    return name
