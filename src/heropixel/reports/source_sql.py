"""The pageviews that a question reads, as SQL: of pixels, of a range and what lies around it. Pure."""

from collections.abc import Mapping
from typing import Any, Protocol

from heropixel.reports.people import PersonScope, person_in_sql
from heropixel.reports.question import Traffic
from heropixel.reports.ranges import Range


class AsksOfPixels(Protocol):
    """A question of any kind, about the pageviews of pixels."""

    @property
    def pixels(self) -> tuple[int, ...]:
        """The pixels."""

    @property
    def traffic(self) -> tuple[Traffic, ...]:
        """The kinds of traffic."""


def bound_in_source(of: AsksOfPixels, range_: Range) -> dict[str, Any]:
    """The values that are bound in a source."""
    return {
        "pixels": list(of.pixels),
        "traffic": [str(kind) for kind in of.traffic],
        "start": range_.start,
        "end": range_.end,
    }


def pageviews_in_sql(scope: PersonScope, columns: Mapping[str, str], *, around: int = 0, where: str = "true") -> str:
    """Pageviews with `at`, `person` and these columns, each an expression by its name.

    They are of the range, and of `around` milliseconds before and after it.
    """
    shared = scope.seen
    at = "at" if shared else "toUnixTimestamp64Milli(pageviews.timestamp)"
    person = "person" if shared else person_in_sql(scope)
    shown = {"at": at, "person": person, **columns}
    listed = ", ".join(f"{value} AS {name}" if value != name else name for name, value in shown.items())
    within = [*(_within_seen(around) if shared else _within(around)), where]
    return f"SELECT {listed} FROM {shared or 'pageviews'} WHERE {' AND '.join(within)}"  # noqa: S608 - names are ours, and values are bound


def _within_seen(around: int) -> list[str]:
    return [f"at >= {{start:Int64}} - {around}", f"at < {{end:Int64}} + {around}"]


def _within(around: int) -> list[str]:
    return [
        "pixel_id IN {pixels:Array(Int32)}",
        f"timestamp >= fromUnixTimestamp64Milli({{start:Int64}} - {around}, 'UTC')",
        f"timestamp < fromUnixTimestamp64Milli({{end:Int64}} + {around}, 'UTC')",
        "bot IN {traffic:Array(String)}",
    ]
