"""The cells of CSV are texts. Those that are written as a number, as true or false or as a date get that type."""

import re
from datetime import datetime

from heropixel.nothing import NO_VALUES, is_unfilled
from heropixel.values import MARKS, unguarded

# A leading zero or a plus is part of a postcode or a telephone number. A float holds 15 digits exactly.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")
_MOST_DIGITS = 15
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(NO_VALUES),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?")


_BLANK_BEFORE_ZONE = re.compile(r" (?=[Z+-])")


def typed(cell: str) -> str | float | bool | None:
    """The value that a person reads in a cell; None for one that says that there is no value.

    A date stays a text, since JSON has no dates. A date with a time is brought into the form of ISO 8601, so that it
    can be compared. A cell that a spreadsheet marks as a text (`="12"`, `'12`) is a text.
    """
    if cell[:1].isalpha():  # most cells, and all but a few words mean themselves
        return _WORDS.get(cell, cell)
    text = cell.strip()
    if text[:1] in MARKS and (marked := unguarded(text)) != text:
        return marked
    if _NUMBER.fullmatch(text):
        return _number(text)
    if is_unfilled(text):
        return None
    return _moment(text) if _DATE_AND_TIME.fullmatch(text) else _WORDS.get(text, cell)


def _number(text: str) -> str | float:
    if sum(map(str.isdigit, text)) > _MOST_DIGITS:
        return text
    return float(text) if "." in text else int(text)


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(_BLANK_BEFORE_ZONE.sub("", text.replace("UTC", "Z")))
    except ValueError:
        return text
    return moment.isoformat().replace("+00:00", "Z")
