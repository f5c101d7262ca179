"""Values that callers send (texts, instants, JSON objects): how they are checked, and how they are shown. Pure."""

import re
import unicodedata
from datetime import UTC, datetime
from keyword import iskeyword
from typing import Any, Final

import msgspec

from heropixel.errors import FieldTooLong, InvalidText
from heropixel.strict_json import holds_nul

MAX_OBJECT = 16_384  # characters as JSON

BEACON: Final = "beacon:"  # the prefix of event ids of the browser endpoints: they never collide with the API's
DAILY: Final = "daily:"  # the prefix of visitor ids that are daily hashes; see events/actors.py


def checked_object(field: str, value: object, otherwise: type[Exception]) -> str:
    """The object as JSON text; empty for None and for "".

    Raises:
        otherwise: the value is no JSON object.
        FieldTooLong, InvalidText: it cannot be stored.
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


def checked_text(field: str, text: str, limit: int) -> str:
    """The text, unchanged.

    Raises:
        FieldTooLong, InvalidText: it cannot be stored.
    """
    if len(text) > limit:
        raise FieldTooLong(field=field, limit=limit)
    if not storable(text):
        raise InvalidText(field=field)
    return text


def storable(text: str) -> bool:
    """Whether every store can hold a text: it has no NUL and no lone surrogate."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def id_of(text: str) -> int | None:
    """The number of an id that callers send as a text; None where the text is no id."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def without_invisible(text: str) -> str:
    """The text in the form NFC, without characters that nobody sees: zero width, soft hyphens, marks of direction."""
    return text if text.isascii() else unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


# What Unicode calls default ignorable code points (DerivedCoreProperties.txt). `\p{DI}` in the script is the same.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


MARKS: Final = frozenset("'= ")  # the first characters of a text that `unguarded` may change, once it is trimmed


def unguarded(text: str) -> str:
    """A text without the marks that keep a spreadsheet from reading it as a number: `="00123"`, `'00123`."""
    if text.startswith('="') and text.endswith('"') and len(text) > len('=""'):
        return text[2:-1].replace('""', '"').strip()
    if text.startswith("'") and not text.endswith("'"):
        return text[1:].strip()
    return text


_SECONDS_BELOW = 100_000_000_000  # in seconds that is the year 5138, in milliseconds 1973


_ISO = re.compile(r"\s*\d{4}-")


def milliseconds(value: str | float) -> int:
    """An instant in Unix milliseconds: from seconds or milliseconds, as a number or a text, or from ISO 8601.

    A time of ISO 8601 without a zone is in UTC, and a day is its beginning.

    Raises:
        ValueError, OverflowError: the value is none of these.
    """
    if isinstance(value, str) and _ISO.match(value):
        moment = datetime.fromisoformat(value.strip())
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, str) and "_" in value:  # Python reads it as a thousands separator
        raise ValueError(value)
    number = float(value)
    return round(number * 1000 if abs(number) < _SECONDS_BELOW else number)


def counted(number: int, things: str) -> str:
    """`2 sessions`, `1 session`: a number with its noun. The plural must end in s."""
    return f"{number} {things.removesuffix('s') if number == 1 else things}"


def snake(name: str) -> str:
    """`eventId` as `event_id`; a keyword such as `from` as `from_`."""
    written = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return f"{written}_" if iskeyword(written) else written


def date_time(milliseconds: int | None) -> str | None:
    """An instant as the schema's `DateTime`."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def camel(name: str) -> str:
    """`utm_source` and `UTM_SOURCE` as the schema writes a field, `utmSource`."""
    first, *rest = name.lower().split("_")
    return first + "".join(word.title() for word in rest)


def taken_without(why: str) -> str:
    """What an import says of a row that it took without a cell."""
    return f"{why}: the row was taken without it"
