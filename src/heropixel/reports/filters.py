"""The filter of a report: conditions on dimensions, combined by and, or, not. It is checked here, and matched. Pure.

The conditions of the event store's queries are made of the same tree, by `filter_sql.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import msgspec

from heropixel.enrichment.codes import country_of, language_of, region_of
from heropixel.enrichment.spelling import spelled
from heropixel.errors import InvalidFilter
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, PAGES, PIXEL, TIMES, TRAIT, USER
from heropixel.values import camel, id_of, storable

MAX_DEPTH = 5
MAX_CONDITIONS = 50
MAX_VALUES = 100
MAX_LENGTH = 2048  # characters of a value


class Operator(StrEnum):
    """How the values of a condition are compared; the condition holds if one of them fits."""

    IS = "is"
    CONTAINS = "contains"
    WILDCARD = "wildcard"


class Condition(msgspec.Struct, frozen=True, tag=True):
    """A pageview has one of these values."""

    dimension: str
    operator: Operator
    values: tuple[str, ...]
    trait: str = ""  # which one, where the dimension is a trait


class All(msgspec.Struct, frozen=True, tag=True):
    """All of these hold. Without any, it holds."""

    parts: "tuple[Filter, ...]" = ()


class Either(msgspec.Struct, frozen=True, tag=True):
    """One of these holds."""

    parts: "tuple[Filter, ...]"


class Not(msgspec.Struct, frozen=True, tag=True):
    """This does not hold."""

    part: "Filter"


Filter = Condition | All | Either | Not

EVERYTHING: Final = All()


def _api_name(name: str) -> str:
    return camel(name.rstrip("_"))


class ConditionInput(msgspec.Struct, frozen=True, rename=_api_name, omit_defaults=True):
    """A condition as the caller sends it."""

    dimension: str
    trait: str | None = None
    is_: Sequence[str] | None = None
    is_not: Sequence[str] | None = None
    contains: Sequence[str] | None = None
    contains_not: Sequence[str] | None = None
    wildcard: Sequence[str] | None = None


class FilterInput(msgspec.Struct, frozen=True, rename=_api_name, omit_defaults=True):
    """A filter as the caller sends it."""

    and_: "Sequence[FilterInput] | None" = None
    or_: "Sequence[FilterInput] | None" = None
    not_: "FilterInput | None" = None
    on: ConditionInput | None = None


def parse_filter(
    given: FilterInput | None,
    known: Mapping[str, Sequence[str]],
    *,
    of_sessions: bool = False,
    of_users: bool = False,
) -> Filter:
    """Check a filter; `known` has the values of closed dimensions.

    With `of_sessions` it may use what a visit has, with `of_users` the traits of users.

    Raises:
        InvalidFilter: the filter is invalid. The message says why, and how to correct it.
    """
    return EVERYTHING if given is None else _Parser(known, of_sessions=of_sessions, of_users=of_users).filter(given, 1)


class _Parser:
    def __init__(self, known: Mapping[str, Sequence[str]], *, of_sessions: bool, of_users: bool) -> None:
        self._known = known
        self._of_sessions = of_sessions
        self._of_users = of_users
        self._conditions = 0

    def filter(self, given: FilterInput, depth: int) -> Filter:
        if depth > MAX_DEPTH:
            raise InvalidFilter(why=f"it is nested too deeply, {MAX_DEPTH} levels of and, or, not are allowed")
        joined = {"and": given.and_, "or": given.or_, "not": given.not_, "on": given.on}
        named = [name for name, part in joined.items() if part is not None]
        if len(named) != 1:
            found = " and ".join(named) or "nothing"
            raise InvalidFilter(why=f"an object of it holds {found}; give exactly one of and, or, not, on")
        if given.on is not None:
            return self._condition(given.on)
        if given.not_ is not None:
            return Not(self.filter(given.not_, depth + 1))
        parts = tuple(self.filter(part, depth + 1) for part in given.and_ or given.or_ or ())
        if not parts:
            raise InvalidFilter(why=f"{named[0]} is an empty list")
        return All(parts) if given.and_ is not None else Either(parts)

    def _condition(self, given: ConditionInput) -> Filter:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise InvalidFilter(why=f"it has more than {MAX_CONDITIONS} conditions")
        trait = self._checked_trait(given)
        comparisons = {
            "is": (Operator.IS, given.is_, False),
            "isNot": (Operator.IS, given.is_not, True),
            "contains": (Operator.CONTAINS, given.contains, False),
            "containsNot": (Operator.CONTAINS, given.contains_not, True),
            "wildcard": (Operator.WILDCARD, given.wildcard, False),
        }
        asked = [comparison for comparison in comparisons.values() if comparison[1] is not None]
        if len(asked) != 1:
            raise InvalidFilter(
                why=f"the condition on {given.dimension} must have exactly one of {', '.join(comparisons)}"
            )
        ((operator, values, negated),) = asked
        checked = tuple(self._values(given.dimension, operator, values or ()))
        condition = Condition(given.dimension, operator, checked, trait)
        return Not(condition) if negated else condition

    def _checked_trait(self, given: ConditionInput) -> str:
        """The name of the trait, empty where the dimension is no trait."""
        self._check_dimension(given.dimension)
        if given.dimension == TRAIT:
            return checked_trait(given.trait)
        if given.trait is not None:
            raise InvalidFilter(why=f"trait is for the dimension {TRAIT}, not for {given.dimension}")
        return ""

    def _check_dimension(self, dimension: str) -> None:
        if dimension in TIMES:
            raise InvalidFilter(why=f"{dimension} is a dimension of time: use another range instead")
        if dimension in OF_SESSION and not self._of_sessions:
            own = f"PAGEVIEW_{dimension}"
            own = own if own in OF_PAGEVIEW else "PAGE"
            raise InvalidFilter(
                why=f"{dimension} is of a whole visit, which is not known yet when a pageview is recorded;"
                f" use {own}, which the pageview itself says"
            )
        if dimension == TRAIT and not self._of_users:
            raise InvalidFilter(why=f"{dimension} exists only in reports and in the list of pageviews")

    def _values(self, dimension: str, operator: Operator, values: Sequence[str]) -> Sequence[str]:
        if not 1 <= len(values) <= MAX_VALUES:
            raise InvalidFilter(why=f"the condition on {dimension} must have 1 to {MAX_VALUES} values")
        for value in values:
            _check_value(dimension, operator, value)
            known = self._known.get(dimension)
            if known is not None and operator is Operator.IS and value and value not in known:
                shown = value[:40]
                raise InvalidFilter(why=f"{dimension} has no value {shown}; it has {', '.join(known)}")
        usual = _USUAL_FORM.get(dimension)
        return [*values, *filter(None, map(usual, values))] if usual and operator is Operator.IS else values


# A value may be written as pageviews may be, as `ch` or with escapes. They are stored in one form.
_USUAL_FORM: Final[Mapping[str, Callable[[str], str]]] = {
    "COUNTRY": country_of,
    "LANGUAGE": language_of,
    "REGION": lambda region: region_of(region, ""),
    **dict.fromkeys(("PAGE", *PAGES), spelled),
}


def checked_trait(name: str | None) -> str:
    """The name of a trait.

    Raises:
        InvalidFilter: it is missing, too long, or no trait can have it.
    """
    if not name or len(name) > MAX_LENGTH or not storable(name):
        raise InvalidFilter(why=f"the dimension {TRAIT} needs trait, the name of a trait of users such as plan")
    return name


def traits_of(tree: Filter) -> set[str]:
    """The names of the traits that a filter uses."""
    return {condition.trait for condition in conditions(tree) if condition.trait}


def _check_value(dimension: str, operator: Operator, value: str) -> None:
    if len(value) > MAX_LENGTH or not storable(value):
        raise InvalidFilter(why=f"a value of {dimension} is too long or contains invalid characters")
    if operator is not Operator.IS and not value:
        raise InvalidFilter(why=f"every {dimension} contains an empty text: use is instead")
    if dimension in (USER, PIXEL):
        if operator is not Operator.IS:
            raise InvalidFilter(why=f"{dimension} is an id: use is or isNot")
        if value and id_of(value) is None:
            raise InvalidFilter(why=f"{value[:40]} is not an id of a {dimension.lower()}")


def matches(tree: Filter, value: Callable[[str], str]) -> bool:
    """Whether a pageview matches; `value` returns its value of a dimension, as text."""
    match tree:
        case All(parts):
            return all(matches(part, value) for part in parts)
        case Either(parts):
            return any(matches(part, value) for part in parts)
        case Not(part):
            return not matches(part, value)
        case Condition(dimension, operator, values):  # of a trait only where `value` knows it
            return _fits(operator, values, value(dimension))


def _fits(operator: Operator, values: Sequence[str], text: str) -> bool:
    match operator:
        case Operator.IS:
            return text in values
        case Operator.CONTAINS:
            lowered = text.lower()
            return any(value.lower() in lowered for value in values)
        case Operator.WILDCARD:
            return any(_pattern(value).fullmatch(text) is not None for value in values)


@lru_cache(maxsize=1_000)
def _pattern(wildcard: str) -> "re.Pattern[str]":
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter) or re.escape(letter) for letter in wildcard), re.DOTALL)


def conditions(tree: Filter) -> list[Condition]:
    """Every condition of a filter."""
    match tree:
        case All(parts) | Either(parts):
            return [condition for part in parts for condition in conditions(part)]
        case Not(part):
            return conditions(part)
        case Condition():
            return [tree]


def value_of(row: Any, dimension: str) -> str:  # noqa: ANN401 - a row with the columns of the event store
    """A pageview's own value of a dimension, from an object with the columns of the event store."""
    if dimension == PIXEL:
        return str(row.pixel_id)
    if dimension == USER:
        return str(row.user_id) if row.user_id else ""
    return str(getattr(row, OF_PAGEVIEW[dimension]))
