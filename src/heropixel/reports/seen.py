"""Who was here: the users with a pageview in a range that matches a filter, the latest first."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from heropixel.events import Events
from heropixel.reports.dimensions import IS_USER
from heropixel.reports.filters import EVERYTHING, Filter
from heropixel.reports.listing import ListQuestion
from heropixel.reports.matching import matching_pageviews
from heropixel.reports.people import PersonScopes
from heropixel.reports.question import Traffic
from heropixel.reports.ranges import Range

_ALWAYS = Range(0, 1 << 42)  # from 1970 into the year 2109


class SeenQuestion(msgspec.Struct, frozen=True):
    """The question who was here."""

    pixels: tuple[int, ...] | None = None  # None: all of the app, also deleted ones
    range: Range = _ALWAYS
    filter: Filter = EVERYTHING
    traffic: tuple[Traffic, ...] = tuple(Traffic)


EVER = SeenQuestion()


class SeenPerson(NamedTuple):
    """A user in a range. Times are in Unix milliseconds."""

    user: int  # the surviving one
    first: int
    last: int
    pageviews: int

    @property
    def place(self) -> tuple[int, int]:
        """The place in the list."""
        return self.last, self.user


def seen_people(
    events: Events,
    people: PersonScopes,
    app: int,
    question: SeenQuestion,
    before: tuple[int, int] | None = None,
    limit: int | None = None,
) -> list[SeenPerson]:
    """The users in a range beyond a place, those who were seen last first.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    pixels = _pixels(events, app) if question.pixels is None else question.pixels
    if not pixels:
        return []
    asked = ListQuestion(tuple(pixels), question.range, question.filter, question.traffic)
    at, user = before or (1 << 52, 0)
    with matching_pageviews(events, people, app, asked, persons=True) as matching:
        rows = events.ask(
            f"""
                SELECT person, min(at), max(at) AS latest, count() FROM ({matching.text}) WHERE {IS_USER}
                GROUP BY person HAVING (latest, person) < ({{before_at:Int64}}, {{before_user:UInt64}})
                ORDER BY latest DESC, person DESC {"" if limit is None else "LIMIT {limit:UInt32}"}
            """,  # noqa: S608 - names are ours, and values are bound
            **matching.bound,
            before_at=at,
            before_user=user,
            limit=limit or 0,
        )
    return [SeenPerson(*row) for row in rows]


def _pixels(events: Events, app: int) -> Sequence[int]:
    rows = events.ask("SELECT DISTINCT pixel_id FROM pageviews WHERE app = {app:UInt32}", app=app)
    return [pixel for (pixel,) in rows]
