"""An export of pageviews: all of them, or those of an app, of pixels, of a range, or that match a filter."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, Self

import msgspec

from heropixel.directory.registry import Pixel
from heropixel.errors import PixelNotFound
from heropixel.events import Events
from heropixel.events.pageviews import Slice, export, exported_pixels
from heropixel.reports.asked import KNOWN
from heropixel.reports.chosen_places import chosen_places
from heropixel.reports.dimensions import OF_PAGEVIEW, OF_SESSION, PIXEL, USER
from heropixel.reports.filters import EVERYTHING, Filter, FilterInput, conditions, matches, parse_filter
from heropixel.reports.listing import ListQuestion
from heropixel.reports.matching import matching_pageviews
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Traffic, calendar_of
from heropixel.reports.ranges import Range, RangeInput, parse_open_range
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
        filter_ = parse_filter(given.filter, KNOWN, of_sessions=True)
        return cls(Slice(given.app, tuple(given.pixel_ids), start, end), filter_)

    def rows(self, events: Events, survivors: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """The pageviews under the field names of the API; see `export`.

        Raises:
            EventsUnavailable: the event store cannot be read.
        """
        named = {condition.dimension for condition in conditions(self.filter)}
        if named & {*OF_SESSION}:
            return self._of_visits(events, survivors)
        rows = export(events, survivors, self.slice)
        return rows if self.filter == EVERYTHING else (row for row in rows if self._matches(row))

    def _matches(self, row: Mapping[str, Any]) -> bool:
        # Here and not in SQL: only here each pageview has its user.
        return matches(self.filter, lambda dimension: str(row[_FIELDS[dimension]] or ""))

    def _of_visits(self, events: Events, survivors: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """The pageviews whose visits match: their places are found first, by app."""
        people = PersonScopes(lambda _app: survivors, _no_traits)
        range_ = Range(_ALWAYS.start if self.slice.start is None else self.slice.start, self.slice.end or _ALWAYS.end)
        with closing(chosen_places(events)) as chosen:
            for app, pixels in exported_pixels(events, self.slice).items():
                asked = ListQuestion(tuple(pixels), range_, self.filter, tuple(Traffic))
                with matching_pageviews(events, people, app, asked) as matching:
                    chosen.add(matching)
                people.sweep()
            yield from export(events, survivors, self.slice, chosen.in_order())


def _no_traits(_app: int, _name: str) -> Iterator[bytes]:
    """The values of a trait: a filter of an export cannot have one."""
    return iter(())


_ALWAYS: Final = Range(0, 1 << 42)  # from 1970 into the year 2109

_FIELDS: Final = {
    **{dimension: camel(column) for dimension, column in OF_PAGEVIEW.items()},
    USER: "userId",
    PIXEL: "pixelId",
}
