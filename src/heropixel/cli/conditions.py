"""The options by which reports and exports are restricted: a range of time, and a filter."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from msgspec.structs import replace

from heropixel.errors import InvalidFilter
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, PIXEL, TIMES, TRAIT, USER
from heropixel.reports.filters import ConditionInput, FilterInput
from heropixel.reports.ranges import NAMED


def words(names: Sequence[str]) -> dict[str, str]:
    """The values of an option on the command line: in lower case, with hyphens."""
    return {name: name.lower().replace("_", "-") for name in names}


By = StrEnum("By", words([*TIMES, *OF_PAGEVIEW, *OF_SESSION, USER, PIXEL]))  # type: ignore[misc]  # members are computed
Named = StrEnum("Named", words([*NAMED]))  # type: ignore[misc]  # as above

Last = Annotated[
    str | None,
    typer.Option(
        "--last",
        metavar="TIME",
        help="24h, 30d, 8w or 12mo until now, with the current one. Left out: 30d for a report, all for an export.",
    ),
]
NamedRange = Annotated[Named | None, typer.Option("--range", help="Instead of --last: a range by its name.")]
FirstDay = Annotated[str | None, typer.Option("--from", metavar="DAY", help="Instead of --last: the first day.")]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DAY", help="The last day, included. Left out: now.")]
Zone = Annotated[
    str | None,
    typer.Option(
        "--timezone", metavar="ZONE", help="The time zone of days, such as Europe/Paris. Left out: the pixel's."
    ),
]
Conditions = Annotated[
    list[str] | None,
    typer.Option("--filter", help="dimension=value; != is not, ~ contains, * anything, | or. All of them must match."),
]


def check_one_range(since: str | None, named: object, start: str | None, end: str | None) -> None:
    """Raise BadParameter where a range is given in two ways."""
    if sum(given is not None for given in (since, named, start or end)) > 1:
        raise typer.BadParameter("give only one of --last, --range, or --from with --to")


def filter_of(conditions: list[str] | None) -> FilterInput | None:
    """The conditions of the command line as a filter: all of them must match.

    Raises:
        InvalidFilter: a text is no condition.
    """
    return FilterInput(and_=[_condition(text) for text in conditions]) if conditions else None


_CONDITION = re.compile(r"(trait:[^=~!]+|[\w-]+)(=|!=|~|!~)(.*)", re.DOTALL)


def _condition(text: str) -> FilterInput:
    found = _CONDITION.fullmatch(text.strip())
    if not found:
        raise InvalidFilter(why=f"{text[:60]} is not a filter such as page=/tea, country!=CH, source~goo")
    values = found[3].split("|")
    _, is_trait, trait = found[1].partition("trait:")
    if not is_trait and found[1] not in {*By}:
        names = ", ".join([*By, "trait:NAME"])
        raise InvalidFilter(why=f"{found[1][:40]} is not a dimension; the dimensions are {names}")
    compared = ConditionInput(TRAIT, trait) if is_trait else ConditionInput(By(found[1]).name)
    match found[2]:
        case "~":
            condition = replace(compared, contains=values)
        case "!~":
            condition = replace(compared, contains_not=values)
        case _ if "*" in found[3]:
            condition = replace(compared, wildcard=values)
        case _:
            condition = replace(compared, is_=values)
    return FilterInput(not_=FilterInput(on=condition)) if found[2] == "!=" else FilterInput(on=condition)
