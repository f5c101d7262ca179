"""JSON objects that callers hand in to be kept: the traits of a user, the properties of a pageview. Pure."""

from typing import Any

import msgspec

from heropixel.errors import FieldTooLong, InvalidText, Refusal
from heropixel.strict_json import holds_nul

MAX_OBJECT = 16_384  # characters as JSON


def checked_object(field: str, value: object, otherwise: type[Refusal]) -> str:
    """The object as JSON text; empty for None and for "".

    Raises:
        otherwise: it is no JSON object.
        FieldTooLong, InvalidText: it cannot be kept.
    """
    if value is None or value == "":
        return ""
    if not isinstance(value, dict):
        raise otherwise
    checked: dict[str, Any] = value
    try:
        text = msgspec.json.encode(checked).decode()
    except (RecursionError, UnicodeError, ValueError, TypeError, OverflowError):
        raise otherwise from None
    if len(text) > MAX_OBJECT:
        raise FieldTooLong(field=field, limit=MAX_OBJECT)
    if "\\u0000" in text and holds_nul(checked):
        raise InvalidText(field=field)
    return text
