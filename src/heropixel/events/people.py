"""The pageviews of people: when they were seen, on which pixels, their pageviews and their sessions.

A query names a person by all of their user ids. Their pageviews are those of these users, and the anonymous ones of
visitors whose earliest link is to one of these users.

A session is a series of a person's pageviews, on any pixel and in any browser; see sessions.py for its end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from heropixel.events import Events, sessions
from heropixel.events.pageviews import ListPlace, pageviews_at
from heropixel.events.stitching import ANONYMOUS, OWNERS, owners_among

# The ids of all users of a person, by the id of the surviving one.
Persons = Mapping[int, Sequence[int]]


class Activity(NamedTuple):
    """The sum of all pageviews of a person. Times are in Unix milliseconds."""

    pageviews: int
    first: int | None
    last: int | None
    pixels: Sequence[int]  # ids, in order


NEVER_SEEN = Activity(0, None, None, ())


class Session(NamedTuple):
    """A visit of a person. Times are in Unix milliseconds."""

    started: int
    ended: int
    pageviews: int
    entry_url: str | None
    exit_url: str | None
    visit_source: Mapping[str, str | None] | None = None  # where it wanted; see visit_sources.py

    @property
    def span(self) -> tuple[int, int]:
        """From its first to its last pageview."""
        return self.started, self.ended


def activity(events: Events, app: int, people: Persons) -> dict[int, Activity]:
    """The activity of these people. People without pageviews are left out.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    rows = events.ask(_ACTIVITY, **who(app, people))
    return {person: Activity(count, first, last, pixels) for person, count, first, last, pixels in rows}


def session_counts(events: Events, app: int, people: Persons) -> dict[int, int]:
    """How many sessions these people had. People without sessions are left out.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    counted: Iterable[tuple[int, int]] = map(tuple, events.ask(_SESSION_COUNTS, **who(app, people)))
    return dict(counted)


def pageviews_of(
    events: Events, app: int, people: Persons, before: ListPlace | None, limit: int
) -> list[tuple[ListPlace, dict[str, Any]]]:
    """One page of pageviews beyond a place, newest first, under the names of the API.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    rows = places_of(events, app, people, before, limit)
    found = pageviews_at(events, rows)
    # Pageviews that were erased between the two queries are left out.
    return [(ListPlace(timestamp, position), found[position]) for _, timestamp, position in rows if position in found]


def places_of(
    events: Events, app: int, people: Persons, before: ListPlace | None, limit: int
) -> list[tuple[int, int, int]]:
    """The pixel, timestamp (Unix milliseconds) and position of one page of pageviews beyond a place, newest first.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    after = before or _BEYOND_ALL
    rows = events.ask(_PLACES, **who(app, people), timestamp=after.timestamp, position=after.position, limit=limit)
    return [(pixel, timestamp, position) for pixel, timestamp, position in rows]


def pageviews_between(
    events: Events, app: int, people: Persons, spans: Sequence[tuple[int, int]], most: int
) -> list[tuple[ListPlace, dict[str, Any]]]:
    """The pageviews within each of these spans of time (Unix milliseconds, both ends included), newest first.

    At `most` the latest of each span.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    starts, ends = zip(*spans, strict=True)
    rows = events.ask(_BETWEEN, **who(app, people), starts=list(starts), ends=list(ends), most=most)
    found = pageviews_at(events, [(pixel, timestamp, position) for pixel, timestamp, position, _ in rows])
    places = [ListPlace(timestamp, position) for _, timestamp, position, _ in rows]
    return [(place, found[place.position]) for place in places if place.position in found]


def sessions_of(events: Events, app: int, people: Persons, before: int | None, limit: int) -> list[Session]:
    """One page of sessions that started before an instant, newest first.

    No two sessions of a person start at one instant, on whatever pixels: pageviews of one instant are of one session.
    So the start is a place in the list.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    before = _BEYOND_ALL.timestamp if before is None else before
    rows = events.ask(_SESSIONS, **who(app, people), before=before, limit=limit)
    ends = [end for _, _, _, *both in rows for end in both]
    pages = pageviews_at(events, [(pixel, at, position) for at, position, pixel in ends])

    def url(end: tuple[int, int, int]) -> str | None:
        page = pages.get(end[1])
        return page["url"] if page else None

    return [Session(started, ended, count, url(entry), url(exit_)) for started, ended, count, entry, exit_ in rows]


def seen_since(events: Events, app: int, since: int) -> list[int]:
    """Every user of an app with a pageview at this instant (Unix milliseconds) or later.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    return [row[0] for row in events.ask(_SEEN_SINCE, app=app, since=since)]


def who(app: int, people: Persons) -> dict[str, Any]:
    """The values that are bound in a query for these people."""
    pairs: Iterator[tuple[int, int]] = ((user, person) for person, users in people.items() for user in users)
    users, persons = zip(*pairs, strict=True)
    return {"app": app, "users": list(users), "persons": list(persons)}


_BEYOND_ALL = ListPlace(1 << 52, 0)

# The pageviews of these users and visitors, by the columns of the projection `by_person`, which makes this fast.
THEIRS = f"""
    SELECT app, user_id, visitor_id, toUnixTimestamp64Milli(timestamp) AS at, pixel_id, journal_position
    FROM pageviews
    WHERE app = {{app:UInt32}} AND
        (user_id IN {{users:Array(UInt64)}}
        OR ({ANONYMOUS} AND visitor_id IN (SELECT visitor_id FROM ({OWNERS}))))
"""  # noqa: S608 - constants

# The same, each with its person: for `who`.
OF_PERSONS = f"""
    SELECT *,
        transform(if(user_id = 0, owner, user_id), {{users:Array(UInt64)}}, {{persons:Array(UInt64)}}, 0) AS person
    FROM ({THEIRS}) AS theirs LEFT JOIN ({OWNERS}) AS owners USING (visitor_id)
"""  # noqa: S608 - constants

_ACTIVITY = f"""
    SELECT person, count(), min(at), max(at), arraySort(groupUniqArray(pixel_id)) FROM ({OF_PERSONS}) GROUP BY person
"""  # noqa: S608 - constants

_PLACES = f"""
    SELECT pixel_id, at, journal_position FROM ({THEIRS})
    WHERE (at, journal_position) < ({{timestamp:Int64}}, {{position:UInt64}})
    ORDER BY at DESC, journal_position DESC
    LIMIT {{limit:UInt32}}
"""  # noqa: S608 - constants

# The span of a pageview is the one that ends first after it: visits of a person do not overlap.
_BETWEEN = f"""
    SELECT pixel_id, at, journal_position,
        arrayFirstIndex((start, finish) -> at BETWEEN start AND finish,
            {{starts:Array(Int64)}}, {{ends:Array(Int64)}}) AS span
    FROM ({THEIRS}) WHERE span > 0
    ORDER BY at DESC, journal_position DESC
    LIMIT {{most:UInt32}} BY span
"""  # noqa: S608 - constants

_SESSION_COUNTS = sessions.session_counts(OF_PERSONS)

# The first and the last page are read by their places: carrying the texts of all pages along would cost more.
_IN_SESSIONS = sessions.sessions(
    OF_PERSONS,
    ["journal_position", "pixel_id"],
    {**sessions.OF_SESSIONS, "entry": sessions.firsts("seen"), "exit": sessions.lasts("seen")},
)

_SESSIONS = f"""
    SELECT start, finish, length, entry, exit FROM ({_IN_SESSIONS})
    WHERE start < {{before:Int64}}
    ORDER BY start DESC
    LIMIT {{limit:UInt32}}
"""  # noqa: S608 - constants

_ANONYMOUS_SINCE = f"""
    SELECT visitor_id FROM pageviews
    WHERE app = {{app:UInt32}} AND timestamp >= fromUnixTimestamp64Milli({{since:Int64}}) AND {ANONYMOUS}
"""  # noqa: S608 - constants

_SEEN_SINCE = f"""
    SELECT DISTINCT user_id FROM
    (
        SELECT user_id FROM pageviews
        WHERE app = {{app:UInt32}} AND timestamp >= fromUnixTimestamp64Milli({{since:Int64}}) AND user_id != 0
        UNION ALL
        SELECT owner FROM ({owners_among(_ANONYMOUS_SINCE)})
    )
"""  # noqa: S608 - constants
