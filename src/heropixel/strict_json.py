"""JSON as RFC 8259 would rather have it: no duplicate names, no NaN, no number beyond what fits, no lone surrogates.

Python's own decoder takes all of these; msgspec refuses all but the first, and says nothing of which name it dropped.
"""

import json
import re
from collections import Counter
from typing import Any

import msgspec


class JsonRefused(ValueError):  # noqa: N818 - named as what happens
    """A text that is no JSON, or ambiguous; its message is for the one who sent it."""


def decode(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON text.

    Raises:
        JsonRefused: it says where and why.
    """
    try:
        value = msgspec.json.decode(body)
    except UnicodeDecodeError as error:
        raise JsonRefused(_not_utf8(body) or str(error)) from None
    except RecursionError:
        raise JsonRefused("it is nested too deeply") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise JsonRefused(_lone_surrogate(body) or str(error)) from None
    try:
        repeats = may_repeat_names(body, value)
    except RecursionError:  # encoding ends a little sooner than decoding
        raise JsonRefused("it is nested too deeply") from None
    if repeats:
        refuse_repeated_names(body)
    return value


def _not_utf8(body: bytes) -> str | None:
    """Where it is not, counted in the text: msgspec counts in the string it was at."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return f"byte {error.start} is not UTF-8"
    return None


# Pairs first, so that their halves are not taken for lone ones; an escaped backslash is none of either.
_SURROGATES = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u[dD](?P<lone>[89a-fA-F])|.)", re.DOTALL)


def _lone_surrogate(body: bytes) -> str | None:
    """Where there is one, which msgspec takes for a text that breaks off."""
    for found in _SURROGATES.finditer(body):
        if found["lone"]:
            return f"half of a surrogate pair (byte {found.start()})"
    return None


def may_repeat_names(body: bytes, value: Any) -> bool:  # noqa: ANN401 - any JSON
    r"""Whether a name might stand twice in one object; False is certain, and costs a microsecond.

    Every name is followed by a quote and a colon, unless white space stands between; inside of a string a quote is
    written `\"`, unless it or the colon is an escape such as `\u0022`. So where there is neither, the value written
    again has as many `":` as the text, less those of the names that were dropped and of what they named.
    """
    # The last three stand in few bodies at all, and a single byte is searched for ten times as fast as two.
    if (
        b" :" in body
        or (b"\n" in body and b"\n:" in body)
        or (b"\t" in body and b"\t:" in body)
        or (b"\r" in body and b"\r:" in body)
        or b"\\u0022" in body
        or b"\\u003" in body  # a colon, in either case
    ):
        return True
    return body.count(b'":') != msgspec.json.encode(value).count(b'":')


def refuse_repeated_names(body: bytes) -> None:
    """Look for a name that stands twice in one object.

    Raises:
        JsonRefused: there is one.
    """
    try:
        json.loads(body, object_pairs_hook=_without_repeats, parse_int=len)
    except RecursionError:
        raise JsonRefused("it is nested too deeply") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> None:
    names = Counter(name for name, _ in pairs)
    for name, count in names.items():
        if count > 1:
            raise JsonRefused(f'the name "{name[:40]}" is given {count} times in one object')


def holds_nul(value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a text or a name anywhere in a value has a NUL character, which JSON can write and stores cannot keep."""
    values = [value]
    for inner in values:  # grows as it is gone through: recursion would end below the depth that JSON may have
        match inner:
            case dict():
                values += inner
                values += inner.values()
            case list() | tuple():
                values += inner
            case str() if "\0" in inner:
                return True
    return False
