"""The event store counts; the figures of a report are computed from its counts. Pure."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from heropixel.reports.question import Metric


class Counts(NamedTuple):
    """The counts of the event store, in the order of its columns. Session counts are of sessions that began."""

    pageviews: int = 0
    users: int = 0
    visitor_ids: int = 0
    daily_hashes: int = 0
    new_users: int = 0
    sessions: int = 0
    bounces: int = 0  # sessions of one pageview
    duration: int = 0  # milliseconds, the sum over all sessions
    session_pageviews: int = 0
    now_users: int = 0
    now_visitor_ids: int = 0
    now_daily_hashes: int = 0
    new_known: int = 0  # users whose first pageview it is
    new_visitor_ids: int = 0
    returning_users: int = 0
    returning_visitor_ids: int = 0

    @property
    def visitors(self) -> int:
        """The number of different visitors."""
        return self.users + self.visitor_ids + self.daily_hashes


# The counts that a metric is computed from, and the same in SQL, to order by.
NEEDS: Final[dict[Metric, tuple[str, ...]]] = {
    Metric.PAGEVIEWS: ("pageviews",),
    Metric.VISITORS: ("users", "visitor_ids", "daily_hashes"),
    Metric.SESSIONS: ("sessions",),
    Metric.BOUNCE_RATE: ("sessions", "bounces"),
    Metric.SESSION_DURATION: ("sessions", "duration"),
    Metric.PAGES_PER_SESSION: ("sessions", "session_pageviews"),
    Metric.IDENTIFIED_VISITORS: ("users",),
    Metric.MATCH_RATE: ("users", "visitor_ids", "daily_hashes"),
    Metric.NEW_USERS: ("new_users",),
    Metric.VISITORS_NOW: ("now_users", "now_visitor_ids", "now_daily_hashes"),
    Metric.NEW_VISITORS: ("new_known", "new_visitor_ids"),
    Metric.RETURNING_VISITORS: ("returning_users", "returning_visitor_ids"),
}
OF_SESSIONS: Final = {"sessions", "bounces", "duration", "session_pageviews"}
# The counts that the visits alone give.
OF_VISITS: Final = {"pageviews", "users", "visitor_ids", "daily_hashes", *OF_SESSIONS}
OF_PAGEVIEWS: Final = {*Counts._fields} - OF_SESSIONS
# The counts for which the first pageview of each visitor has to be known.
OF_FIRST_PAGEVIEWS: Final = {*NEEDS[Metric.NEW_VISITORS], *NEEDS[Metric.RETURNING_VISITORS]}
IN_SQL: Final[dict[Metric, str]] = {
    Metric.PAGEVIEWS: "pageviews",
    Metric.VISITORS: "users + visitor_ids + daily_hashes",
    Metric.SESSIONS: "sessions",
    Metric.BOUNCE_RATE: "bounces / sessions",
    Metric.SESSION_DURATION: "duration / sessions",
    Metric.PAGES_PER_SESSION: "session_pageviews / sessions",
    Metric.IDENTIFIED_VISITORS: "users",
    Metric.MATCH_RATE: "users / (users + visitor_ids + daily_hashes)",
    Metric.NEW_USERS: "new_users",
    Metric.VISITORS_NOW: "now_users + now_visitor_ids + now_daily_hashes",
    Metric.NEW_VISITORS: "new_known + new_visitor_ids",
    Metric.RETURNING_VISITORS: "returning_users + returning_visitor_ids",
}


class VisitorFigure(msgspec.Struct, frozen=True, rename="camel"):
    """A number of visitors, and its parts."""

    count: int
    basis: list[str]
    identified_users: int
    visitor_ids: int
    daily_hashes: int
    exact: bool

    @classmethod
    def of(cls, users: int, visitor_ids: int, daily_hashes: int = 0, *, exact: bool) -> "VisitorFigure":
        """The figure from its parts; with `exact` false, small numbers are exact all the same."""
        parts = {"IDENTIFIED_USERS": users, "VISITOR_IDS": visitor_ids, "DAILY_HASHES": daily_hashes}
        basis = [name for name, count in parts.items() if count]
        return cls(users + visitor_ids + daily_hashes, basis, users, visitor_ids, daily_hashes, exact)


class Figures(msgspec.Struct, frozen=True, rename="camel"):
    """The figures that were asked for; the others are None."""

    pageviews: int | None = None
    visitors: VisitorFigure | None = None
    sessions: int | None = None
    bounce_rate: float | None = None
    session_duration: float | None = None  # seconds
    pages_per_session: float | None = None
    identified_visitors: int | None = None
    match_rate: float | None = None
    new_users: int | None = None
    visitors_now: VisitorFigure | None = None
    new_visitors: VisitorFigure | None = None
    returning_visitors: VisitorFigure | None = None

    @classmethod
    def of(cls, counts: Counts, metrics: Sequence[Metric], *, exact: bool, until_now: bool) -> "Figures":
        """The figures from the counts of a range; `until_now`: some of its last five minutes are in it."""
        here = counts.now_users, counts.now_visitor_ids, counts.now_daily_hashes
        made: dict[Metric, Any] = {
            Metric.PAGEVIEWS: counts.pageviews,
            Metric.VISITORS: VisitorFigure.of(counts.users, counts.visitor_ids, counts.daily_hashes, exact=exact),
            Metric.SESSIONS: counts.sessions,
            Metric.BOUNCE_RATE: _share(counts.bounces, counts.sessions),
            Metric.SESSION_DURATION: _share(counts.duration / 1000, counts.sessions),
            Metric.PAGES_PER_SESSION: _share(counts.session_pageviews, counts.sessions),
            Metric.IDENTIFIED_VISITORS: counts.users,
            Metric.MATCH_RATE: _share(counts.users, counts.visitors),
            Metric.NEW_USERS: counts.new_users,
            Metric.VISITORS_NOW: VisitorFigure.of(*here, exact=exact) if until_now else None,
            Metric.NEW_VISITORS: VisitorFigure.of(counts.new_known, counts.new_visitor_ids, exact=exact),
            Metric.RETURNING_VISITORS: VisitorFigure.of(
                counts.returning_users, counts.returning_visitor_ids, exact=exact
            ),
        }
        return cls(**{field_of(metric): made[metric] for metric in metrics})


def field_of(metric: Metric) -> str:
    """The field of `Figures` that holds a metric."""
    return metric.lower()


def number_of(figures: Figures, metric: Metric) -> float | None:
    """A metric as one number: of visitors, their count."""
    value = getattr(figures, field_of(metric))
    return value.count if isinstance(value, VisitorFigure) else value


class Changes(msgspec.Struct, frozen=True, rename="camel"):
    """The change of each figure since the compared range, as a share of the compared figure.

    None where that is 0, where one of the two is None, and for figures that were not asked for.
    """

    pageviews: float | None = None
    visitors: float | None = None
    sessions: float | None = None
    bounce_rate: float | None = None
    session_duration: float | None = None
    pages_per_session: float | None = None
    identified_visitors: float | None = None
    match_rate: float | None = None
    new_users: float | None = None
    visitors_now: float | None = None
    new_visitors: float | None = None
    returning_visitors: float | None = None

    @classmethod
    def between(cls, before: Figures | None, after: Figures | None) -> "Changes | None":
        """The changes from the compared figures to those of the report; None where either is missing."""
        if before is None or after is None:
            return None
        return cls(
            **{field_of(metric): _change(number_of(before, metric), number_of(after, metric)) for metric in Metric}
        )


def _change(before: float | None, after: float | None) -> float | None:
    return after / before - 1 if before and after is not None else None


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
