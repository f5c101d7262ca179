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
}
OF_PAGEVIEWS: Final = {"pageviews", "users", "visitor_ids", "daily_hashes", "new_users"}  # the others are of sessions
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
    def of(cls, counts: Counts, *, exact: bool) -> "VisitorFigure":
        """The figure from the counts; with `exact` false, small numbers are exact all the same."""
        parts = {
            "IDENTIFIED_USERS": counts.users,
            "VISITOR_IDS": counts.visitor_ids,
            "DAILY_HASHES": counts.daily_hashes,
        }
        basis = [name for name, count in parts.items() if count]
        return cls(counts.visitors, basis, counts.users, counts.visitor_ids, counts.daily_hashes, exact)


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

    @classmethod
    def of(cls, counts: Counts, metrics: Sequence[Metric], *, exact: bool) -> "Figures":
        """The figures from the counts."""
        made: dict[Metric, Any] = {
            Metric.PAGEVIEWS: counts.pageviews,
            Metric.VISITORS: VisitorFigure.of(counts, exact=exact),
            Metric.SESSIONS: counts.sessions,
            Metric.BOUNCE_RATE: _share(counts.bounces, counts.sessions),
            Metric.SESSION_DURATION: _share(counts.duration / 1000, counts.sessions),
            Metric.PAGES_PER_SESSION: _share(counts.session_pageviews, counts.sessions),
            Metric.IDENTIFIED_VISITORS: counts.users,
            Metric.MATCH_RATE: _share(counts.users, counts.visitors),
            Metric.NEW_USERS: counts.new_users,
        }
        return cls(**{field_of(metric): made[metric] for metric in metrics})


def field_of(metric: Metric) -> str:
    """The field of `Figures` that holds a metric."""
    return metric.lower()


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
