"""The question of a report, after every part of it is checked and within its limits. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Self
from zoneinfo import ZoneInfo

import msgspec

from heropixel.calendars import Calendar, Weekday, zone_of
from heropixel.directory.registry import Pixel
from heropixel.errors import InvalidOrder, InvalidReport, PixelNotFound
from heropixel.reports.buckets import buckets
from heropixel.reports.dimensions import TIMES, TRAIT
from heropixel.reports.filters import Filter, FilterInput, checked_trait, parse_filter, traits_of
from heropixel.reports.ranges import ComparisonInput, Range, RangeInput, parse_comparison, parse_range

MAX_PIXELS = 100
MAX_DIMENSIONS = 4
MAX_ROWS = 1_000
MAX_OFFSET = 100_000


class Metric(StrEnum):
    """The figures of a report."""

    PAGEVIEWS = "PAGEVIEWS"
    VISITORS = "VISITORS"
    SESSIONS = "SESSIONS"
    BOUNCE_RATE = "BOUNCE_RATE"
    SESSION_DURATION = "SESSION_DURATION"
    PAGES_PER_SESSION = "PAGES_PER_SESSION"
    IDENTIFIED_VISITORS = "IDENTIFIED_VISITORS"
    MATCH_RATE = "MATCH_RATE"
    NEW_USERS = "NEW_USERS"
    VISITORS_NOW = "VISITORS_NOW"
    NEW_VISITORS = "NEW_VISITORS"
    RETURNING_VISITORS = "RETURNING_VISITORS"


NOW_MILLISECONDS = 5 * 60_000  # how long ago a visitor of now has been seen


class Traffic(StrEnum):
    """The kinds of traffic; the values are those of the column `bot`."""

    PEOPLE = ""
    BOTS = "BOT"
    AI_AGENTS = "AI_AGENT"


class ReportOrder(msgspec.Struct, frozen=True):
    """The order of rows by a metric or a dimension."""

    metric: str | None = None
    dimension: str | None = None
    descending: bool = True


class ReportInput(msgspec.Struct, frozen=True):
    """A question as the caller sends it."""

    range: RangeInput
    pixel_ids: Sequence[int] | None = None  # None: all of the caller's
    timezone: str | None = None
    week_starts_on: str | None = None
    trait: str | None = None
    metrics: Sequence[str] = ("VISITORS", "PAGEVIEWS")
    dimensions: Sequence[str] = ()
    filter: FilterInput | None = None
    traffic: Sequence[str] = ("PEOPLE",)
    compare: ComparisonInput | None = None
    order_by: Sequence[ReportOrder] | None = None
    limit: int = 100
    offset: int = 0


class Question(msgspec.Struct, frozen=True):
    """A checked question."""

    pixels: tuple[int, ...]
    range: Range
    calendar: Calendar
    metrics: tuple[Metric, ...]
    step: str | None  # the dimension of time
    dimensions: tuple[str, ...]  # the dimensions other than time
    trait: str  # which one, where one is a dimension
    filter: Filter
    traffic: tuple[Traffic, ...]
    comparison: Range | None
    order: tuple[ReportOrder, ...]
    limit: int
    offset: int
    # From when on a visitor is there now, in Unix milliseconds. 0 where nobody wants to know: then it must not tell
    # apart questions that can be counted together.
    now_since: int

    @property
    def traits(self) -> set[str]:
        """The names of the traits that it uses."""
        return traits_of(self.filter) | ({self.trait} if self.trait else set())

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of its days."""
        return self.calendar.zone

    @classmethod
    def parse(
        cls, given: ReportInput, own_pixels: Mapping[int, Pixel], known: Mapping[str, Sequence[str]], now: int
    ) -> Self:
        """Check a report for an app with these pixels; `known` has the values of closed dimensions.

        Raises:
            Refusal: a part is invalid. The message says which one, why, and how to correct it.
        """
        pixels = check_pixels([*own_pixels] if given.pixel_ids is None else given.pixel_ids, own_pixels)
        calendar = calendar_of(given.timezone, own_pixels[pixels[0]], given.week_starts_on)
        metrics = tuple(Metric(name) for name in dict.fromkeys(given.metrics))
        step, dimensions = _dimensions(given.dimensions)
        _check_limits(given, metrics)
        return cls(
            pixels=pixels,
            range=parse_range(given.range, calendar, now),
            calendar=calendar,
            metrics=metrics,
            step=step,
            dimensions=dimensions,
            trait=_trait(given),
            filter=parse_filter(given.filter, known, of_sessions=True, of_users=True),
            traffic=check_traffic(given.traffic),
            comparison=parse_comparison(given.compare, given.range, calendar, now) if given.compare else None,
            order=_order(given, metrics),
            limit=given.limit,
            offset=given.offset,
            now_since=now - NOW_MILLISECONDS if Metric.VISITORS_NOW in metrics else 0,
        )

    def begins(self, range_: Range) -> list[int]:
        """The beginnings of the buckets of a range; a single one where time is no dimension.

        Raises:
            TooManyPoints: there are more buckets than are allowed.
        """
        return buckets(self.step, range_, self.calendar) if self.step else [range_.start]


def calendar_of(timezone: str | None, pixel: Pixel | None, week_starts_on: str | None = None) -> Calendar:
    """The calendar of a question. What the caller leaves out is that of the first pixel, or else UTC and Monday.

    Raises:
        InvalidTimezone: there is no such time zone.
    """
    usual = pixel.calendar if pixel else Calendar(zone_of("UTC"))
    return Calendar(
        usual.zone if timezone is None else zone_of(timezone),
        usual.week_starts_on if week_starts_on is None else Weekday(week_starts_on),
    )


def check_pixels(given: Sequence[int], own: Mapping[int, object]) -> tuple[int, ...]:
    """The pixels of the question, each once.

    Raises:
        InvalidReport: there are none, or too many.
        PixelNotFound: a pixel does not belong to the app.
    """
    if not 1 <= len(given) <= MAX_PIXELS:
        raise InvalidReport(why=f"pixelIds must name 1 to {MAX_PIXELS} pixels")
    if any(pixel not in own for pixel in given):
        raise PixelNotFound
    return tuple(dict.fromkeys(given))


def check_traffic(given: Sequence[str]) -> tuple[Traffic, ...]:
    """The kinds of traffic of the question.

    Raises:
        InvalidReport: there are none.
    """
    if not given:
        raise InvalidReport(why="traffic must name at least one of PEOPLE, BOTS, AI_AGENTS")
    return tuple(Traffic[name] for name in dict.fromkeys(given))


def _dimensions(given: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The dimension of time, and the others."""
    if len(given) > MAX_DIMENSIONS:
        raise InvalidReport(why=f"it has {len(given)} dimensions, {MAX_DIMENSIONS} are allowed")
    if len(set(given)) != len(given):
        raise InvalidReport(why="it has a dimension twice")
    steps = [name for name in given if name in TIMES]
    if len(steps) > 1:
        raise InvalidReport(why=f"it has {' and '.join(steps)}: only one dimension of time is allowed")
    return (steps[0] if steps else None), tuple(name for name in given if name not in TIMES)


def _trait(given: ReportInput) -> str:
    if TRAIT in given.dimensions:
        return checked_trait(given.trait)
    if given.trait is not None:
        raise InvalidReport(why=f"trait names the trait of the dimension {TRAIT}, which is not among its dimensions")
    return ""


def _check_limits(given: ReportInput, metrics: Sequence[Metric]) -> None:
    if not metrics:
        raise InvalidReport(why="metrics must name at least one")
    if not 1 <= given.limit <= MAX_ROWS:
        raise InvalidReport(why=f"limit must be 1 to {MAX_ROWS}")
    if not 0 <= given.offset <= MAX_OFFSET:
        raise InvalidReport(why=f"offset must be 0 to {MAX_OFFSET}")


_MAX_ORDERS: Final = MAX_DIMENSIONS + len(Metric)


def _order(given: ReportInput, metrics: Sequence[Metric]) -> tuple[ReportOrder, ...]:
    orders = tuple(given.order_by or ())
    if len(orders) > _MAX_ORDERS:
        raise InvalidOrder(why=f"it names {len(orders)} metrics and dimensions, {_MAX_ORDERS} are allowed")
    for order in orders:
        if (order.metric is None) == (order.dimension is None):
            raise InvalidOrder(why="each part must name either a metric or a dimension")
        if order.metric is not None and order.metric not in metrics:
            raise InvalidOrder(why=f"{order.metric} is not one of the metrics of the report")
        if order.dimension is not None and order.dimension not in given.dimensions:
            raise InvalidOrder(why=f"{order.dimension} is not one of the dimensions of the report")
    return orders
