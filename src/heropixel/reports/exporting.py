"""An export of pageviews: all of them, or those of an app, of pixels, of a range, or that match a filter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import msgspec

from heropixel.directory.registry import Pixel
from heropixel.errors import PixelNotFound
from heropixel.events import Events
from heropixel.events.pageviews import Slice, export
from heropixel.reports.asked import KNOWN
from heropixel.reports.dimensions import OF_PAGEVIEW, PIXEL, USER
from heropixel.reports.filters import EVERYTHING, Filter, FilterInput, matches, parse_filter
from heropixel.reports.question import calendar_of
from heropixel.reports.ranges import RangeInput, parse_open_range
from heropixel.values import camel


class ExportInput(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an operator wants to export. What is left out restricts nothing."""

    app: int | None = None
    pixel_ids: Sequence[int] = ()
    range: RangeInput | None = None
    timezone: str | None = None
    filter: FilterInput | None = None


class ExportQuestion(msgspec.Struct, frozen=True):
    """The same after every part of it is checked."""

    slice: Slice
    filter: Filter

    @classmethod
    def parse(cls, given: ExportInput, pixels: Mapping[int, Pixel], now: int) -> Self:
        """Check it. `pixels` are those of all apps; `now` is in Unix milliseconds.

        Raises:
            Refusal: a part is invalid. The message says which one, and why.
        """
        for number in given.pixel_ids:
            if number not in pixels or given.app not in (None, pixels[number].app):
                raise PixelNotFound
        calendar = calendar_of(given.timezone, pixels[given.pixel_ids[0]] if given.pixel_ids else None)
        start, end = parse_open_range(given.range or RangeInput(), calendar, now)
        return cls(Slice(given.app, tuple(given.pixel_ids), start, end), parse_filter(given.filter, KNOWN))

    def rows(self, events: Events, survivors: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """The pageviews under the field names of the API; see `export`.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        rows = export(events, survivors, self.slice)
        return rows if self.filter == EVERYTHING else (row for row in rows if self._matches(row))

    def _matches(self, row: Mapping[str, Any]) -> bool:
        # Here and not in SQL: only here each pageview has its user.
        return matches(self.filter, lambda dimension: str(row[_FIELDS[dimension]] or ""))


_FIELDS = {
    **{dimension: camel(column) for dimension, column in OF_PAGEVIEW.items()},
    USER: "userId",
    PIXEL: "pixelId",
}
