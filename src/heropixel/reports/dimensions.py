"""The dimensions of figures and filters, and their columns in the event store. Pure."""

from collections.abc import Mapping
from typing import Final

from heropixel.columns import COLUMNS
from heropixel.events.actors import is_daily_hash, is_user, is_visitor_id
from heropixel.events.lookups import LookupTable

_OWN: Final = "PAGEVIEW_"  # before the name of what a visit has as well

# The dimensions that are a column of the event store, by their names in the API.
OF_PAGEVIEW: Final[Mapping[str, str]] = {
    _OWN * column.of_visit + column.dimension: name for name, column in COLUMNS.items() if column.dimension
}
# The same of the pageview by which a visit is known to have come from outside; see origins.py.
OF_ORIGIN: Final[Mapping[str, str]] = {column.dimension: name for name, column in COLUMNS.items() if column.of_visit}
TIMES: Final = ("MINUTE", "HOUR", "DAY", "WEEK", "MONTH")
PAGES: Final = ("ENTRY_PAGE", "EXIT_PAGE")
OF_SESSION: Final = (*PAGES, *OF_ORIGIN)  # a pageview has those of its session
USER: Final = "USER"
PIXEL: Final = "PIXEL"
TRAIT: Final = "TRAIT"  # of a user; which one, the question says

# The condition that a person is a user, in SQL; see people.py.
IS_USER: Final = is_user("person")
IS_VISITOR_ID: Final = is_visitor_id("person")
IS_DAILY_HASH: Final = is_daily_hash("person")


def value_in_sql(dimension: str, table: LookupTable | None = None) -> str:
    """A pageview's own value of a dimension, as text, in SQL. `table` has the values of a trait; see people.py."""
    if dimension == TRAIT and table is not None:
        return f"if({IS_USER}, {table.get('value', 'person')}, '')"
    if dimension == USER:
        return f"if({IS_USER}, toString(person), '')"
    return "toString(pixel_id)" if dimension == PIXEL else OF_PAGEVIEW[dimension]


def name_in_sql(dimension: str) -> str:
    """The name of a dimension as a column of a report's query."""
    return f"by_{dimension.lower()}"
