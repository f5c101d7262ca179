"""A condition on a trait as SQL. It is tested once for each user who has the trait, and not for each pageview. Pure.

Values are compared as a person means them, as `heropixel users list --trait` does: 12 is also 12.0, `pro` also "Pro",
and a day is all its hours.
"""

import re
from collections.abc import Iterator
from typing import Final

from heropixel.reports.filters import Condition, Operator


def persons_in_sql(table: str, name: str, condition: Condition) -> tuple[str, dict[str, list[str] | str]]:
    """A condition on `person`, and its bound values, whose names begin with `name`.

    `table` has the values of the trait; see people.py. Who is not in it has no value: an empty text.
    """
    if condition.operator is Operator.CONTAINS:
        bound: dict[str, list[str] | str] = {name: list(condition.values)}
        fits = f"multiSearchAnyCaseInsensitiveUTF8(value, {{{name}:Array(String)}})"
    else:
        forms = [form for value in condition.values for form in _patterns(value, condition.operator)]
        bound = {f"{name}_{number}": form for number, form in enumerate(forms)}
        # The engine's small build has no other function that compares letters of all languages in any case.
        fits = " OR ".join(f"value ILIKE {{{each}:String}}" for each in bound)
    if _fits_nothing(condition):
        return f"person NOT IN (SELECT person FROM {table} WHERE NOT ({fits}))", bound  # noqa: S608 - names are ours, and values are bound
    return f"person IN (SELECT person FROM {table} WHERE {fits})", bound  # noqa: S608 - as above


def like(wildcard: str) -> str:
    """A pattern of `LIKE` from one with `*` and `?`."""
    return _literal(wildcard).replace("*", "%").replace("?", "_")


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DECIMAL: Final = re.compile(r"-?\d{1,15}\.\d{1,15}")


def _patterns(value: str, operator: Operator) -> Iterator[str]:
    """The values as they may be in the table, as patterns of `ILIKE`."""
    if operator is Operator.WILDCARD:
        yield like(value)
        return
    yield _literal(value)
    if _DECIMAL.fullmatch(value):  # the table has 12 for 12.0
        yield f"{float(value):.15g}"
    if _DAY.fullmatch(value):
        yield f"{value}T%"
        yield f"{value} %"


def _fits_nothing(condition: Condition) -> bool:
    """Whether the condition holds for who has no value."""
    if condition.operator is Operator.WILDCARD:
        return any(not value.strip("*") for value in condition.values)
    return "" in condition.values
