"""The filter of a share or a saved view, checked when it is kept. A share's goes before that of each question. Pure."""

from functools import lru_cache
from typing import TypeVar

import msgspec

from heropixel.errors import InvalidFilter
from heropixel.reports.asked import KNOWN
from heropixel.reports.dimensions import TRAIT, USER
from heropixel.reports.filters import All, Filter, FilterInput, conditions, parse_filter
from heropixel.reports.question import Question
from heropixel.reports.seen import SeenQuestion

Q = TypeVar("Q", Question, SeenQuestion)


def stored_filter(given: FilterInput | None, of: str = "a share") -> str | None:
    """The filter as it is stored: JSON, as the API has it.

    Raises:
        InvalidFilter: it is no filter, or it is about users.
    """
    if given is None:
        return None
    named = {condition.dimension for condition in conditions(parse_filter(given, KNOWN, of_sessions=True))}
    if named & {USER, TRAIT}:
        raise InvalidFilter(why=f"the filter of {of} cannot have {USER} or {TRAIT}: it is about pageviews")
    return msgspec.json.encode(given).decode()


def narrowed(question: Q, stored: str | None) -> Q:
    """The question of a visitor, within the filter of the share.

    Raises:
        InvalidFilter: this version does not know the filter. Nothing is shown then.
    """
    if stored is None:
        return question
    return msgspec.structs.replace(question, filter=All((_parsed(stored), question.filter)))


@lru_cache(maxsize=1_000)
def _parsed(stored: str) -> Filter:
    return parse_filter(msgspec.json.decode(stored, type=FilterInput), KNOWN, of_sessions=True)
