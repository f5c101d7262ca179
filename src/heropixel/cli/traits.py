"""A trait as it is typed: its name and its value."""

from typing import Any

from heropixel.errors import InvalidSearch
from heropixel.strict_json import JsonRefused, decode


def name_and_value(text: str) -> tuple[str, Any]:
    """The trait and the value of `--trait`.

    Raises:
        InvalidSearch: the text has no `=`.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidSearch(why="--trait must be NAME=VALUE, such as plan=pro or age=40")
    try:
        decoded = decode(value.encode())
    except JsonRefused:
        return name, value
    # As it was typed: 1.10 may be the text of a version, too.
    return name, value if isinstance(decoded, int | float) else decoded
