"""Pageviews are enriched many at once, by columns: those that are alike to a step share its result.

`enrich` is the specification. A step runs on a row that has nothing but what the step reads, once for each combination.
Thousands of pageviews have a few hundred programs, and a few dozen places.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from heropixel.columns import CAMPAIGN, Row
from heropixel.enrichment.steps import PLAIN_HTTP, RULES, Owns, put_page, put_place, put_program
from heropixel.values import BEACON


class RowsByColumn:
    """The columns of some rows: those of one value, and those of several. Most have one."""

    def __init__(self, values: Mapping[str, Sequence[Any]], count: int) -> None:
        self.count = count
        self.same: dict[str, Any] = {}
        self.several: dict[str, Sequence[Any]] = {}
        for name, of_rows in values.items():
            self.put(name, of_rows)

    def put(self, name: str, values: Sequence[Any]) -> None:
        """Put a column, one value for each row."""
        first = values[0]
        if values[-1] == first and values.count(first) == self.count:
            self.put_same(name, first)
        else:
            self.same.pop(name, None)
            self.several[name] = values

    def put_same(self, name: str, value: Any) -> None:  # noqa: ANN401 - of the column's type
        """Put a column that has one value in all rows."""
        self.several.pop(name, None)
        self.same[name] = value

    def values(self, name: str) -> Iterable[Any]:
        """A column, one value for each row."""
        return self.several[name] if name in self.several else repeat(self.same[name], self.count)

    def put_beginnings(self, beginning: "Beginning") -> None:
        """Put a column of what the texts of another one begin with."""
        self.put(beginning.name, [*map(beginning.found_in, self.values(beginning.of))])


class Beginning(NamedTuple):
    """A step reads of a column only whether its text begins so."""

    of: str
    text: str

    @property
    def name(self) -> str:
        """The name of the column that says it."""
        return f"{self.of} begins with {self.text}"

    def found_in(self, text: str) -> str:
        """The beginning, if the text has it."""
        return self.text if text.startswith(self.text) else ""


class SharedStep:
    """A step of `enrich`, with all columns that it reads and writes."""

    def __init__(
        self,
        put: Callable[[Row, Owns], None],
        reads: tuple[str, ...],
        beginning: Beginning | None,
        writes: tuple[str, ...],
    ) -> None:
        self.put = put
        self.beginning = beginning
        self.writes = writes
        # By the name of a column the field of the row that has its value.
        self.fields = dict(zip(reads, reads, strict=True)) | ({beginning.name: beginning.of} if beginning else {})


_PLACE = ("country", "region", "city", "place_basis", "language")
_PROGRAM = ("browser", "browser_version", "os", "os_version", "device")
_ADDRESSES = ("url", "canonical", "referrer", *CAMPAIGN)

# In the order of `enrich`: the last step reads the address as the first has cleaned it.
STEPS = (
    SharedStep(
        put_page,
        ("pixel_id", "domain", *_ADDRESSES),
        Beginning("event_id", BEACON),
        (*_ADDRESSES, "hostname", "path", "query", "referrer_host", "source", "channel"),
    ),
    SharedStep(lambda row, _: put_place(row), (*_PLACE, "timezone"), None, _PLACE),
    SharedStep(
        lambda row, _: put_program(row),
        ("user_agent", "client_hints", "screen", "viewport", *_PROGRAM),
        Beginning("url", PLAIN_HTTP),
        (*_PROGRAM, "bot", "bot_reasons"),
    ),
)


class Alike:
    """Enriches the rows of one batch. What it remembers is not bounded, so each batch has its own."""

    def __init__(self, owns: Owns) -> None:
        self._owns = owns
        # The results by combination. Which columns have the same value for all rows differs from call to call.
        self._known: dict[object, dict[tuple[Any, ...], tuple[Any, ...]]] = defaultdict(dict)

    def enrich(self, columns: RowsByColumn) -> None:
        """Put the results of all steps into the columns.

        Raises:
            Exception: a step fails at a row. Some columns are written.
        """
        for step in STEPS:
            if step.beginning:
                columns.put_beginnings(step.beginning)
            self._take(step, columns)
        columns.put_same("rules", RULES)

    def _take(self, step: SharedStep, columns: RowsByColumn) -> None:
        same = {field: columns.same[name] for name, field in step.fields.items() if name in columns.same}
        several = {field: columns.several[name] for name, field in step.fields.items() if name in columns.several}
        known = self._known[step, *same.items()]
        combinations = [*zip(*several.values(), strict=True)] or [()]
        different = {*combinations}
        for combination in different - known.keys():
            known[combination] = self._result(step, same | dict(zip(several, combination, strict=True)))
        results = [known[one] for one in combinations] if len(different) > 1 else []
        of_each = zip(*(known[one] for one in different), strict=True)
        for place, (name, values) in enumerate(zip(step.writes, of_each, strict=True)):
            if values.count(values[0]) == len(values):
                columns.put_same(name, values[0])
            else:
                columns.put(name, [*map(itemgetter(place), results)])

    def _result(self, step: SharedStep, given: Mapping[str, Any]) -> tuple[Any, ...]:
        row = Row(**{**_NO_ROW, **given})
        step.put(row, self._owns)
        result: tuple[Any, ...] = attrgetter(*step.writes)(row)
        return result


_NO_ROW: dict[str, Any] = {
    **dict.fromkeys(("app", "pixel_id"), 0),
    **dict.fromkeys(("timestamp", "received", "event_id", "domain"), ""),
}
