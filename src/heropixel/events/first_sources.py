"""Where people first came from: the origin of the first of their visits that has one, with their stitched history.

It is not stored, since links, merges and imports of past pageviews change it afterwards.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple

from heropixel.columns import CAMPAIGN
from heropixel.events import Events, sessions
from heropixel.events.origins import DIRECTLY, FROM_INSIDE
from heropixel.events.people import OF_PERSONS, Persons, who

# How many visits of a person are looked at: almost always the first says it. A visit without an origin is one of which
# the first pageviews are missing, and such a person may have thousands.
_LOOKED_AT: Final = (1, 20)


class FirstSource(NamedTuple):
    """What the pageview said by which a person first came. An empty text is nothing."""

    at: int  # Unix milliseconds
    source: str
    channel: str
    referrer: str  # the host name
    utm_source: str
    utm_medium: str
    utm_campaign: str
    utm_term: str
    utm_content: str


def first_sources(events: Events, app: int, people: Persons) -> dict[int, FirstSource]:
    """Where these people first came from. Of those who are left out it is not known.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    found: dict[int, FirstSource] = {}
    for visits in _LOOKED_AT:
        left = {person: users for person, users in people.items() if person not in found}
        if left:
            found |= _of_first_visits(events, app, left, visits)
    return found


def _of_first_visits(events: Events, app: int, people: Persons, visits: int) -> dict[int, FirstSource]:
    """The same, as far as the first visits of each say it."""
    rows: list[tuple[int, ...]] = sorted(map(tuple, events.ask(_FIRST_VISITS, **who(app, people), visits=visits)))
    if not rows:
        return {}
    said = said_at(events, [(pixel, at, position) for _, _, at, position, pixel in rows])
    found: dict[int, FirstSource] = {}
    for (person, _), pageviews in groupby(rows, lambda row: row[:2]):
        outside = [said[position] for _, _, _, position, _ in pageviews if position in said]
        if outside and person not in found:
            found[person] = origin_of(outside)
    return found


def said_at(events: Events, places: Sequence[tuple[int, int, int]]) -> dict[int, tuple[bool, FirstSource]]:
    """What those of these pageviews say that came from outside, by position, and whether it was from elsewhere.

    A place is a pixel, a timestamp (Unix milliseconds) and a journal position.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    if not places:
        return {}
    pixels, timestamps, positions = zip(*places, strict=True)
    rows = events.ask(_SAID, pixels=list({*pixels}), timestamps=list(timestamps), positions=list(positions))
    return {position: (bool(elsewhere), FirstSource(*texts)) for position, elsewhere, *texts in rows}


def origin_of(outside: Sequence[tuple[bool, FirstSource]]) -> FirstSource:
    """The origin of a visit, of what its pageviews from outside say."""
    return next((said for elsewhere, said in outside if elsewhere), outside[0][1])


def _of_first(array: str) -> str:
    return f"arrayFilter((value, start) -> start <= latest, {array}, {sessions.FIGURES['start']})"


# The pageviews of the first visits of each person: the beginning of the visit, and where they are.
_FIRST_VISITS: Final = sessions.pageviews_in_sessions(
    OF_PERSONS,
    ["journal_position", "pixel_id"],
    {
        "start": _of_first(sessions.FIGURES["start"]),
        "time": _of_first("times"),
        "position": _of_first("seen.2"),
        "pixel": _of_first("seen.3"),
    },
    of_person={
        "starts": "arrayFilter((time, begins) -> begins, times, beginnings)",
        "latest": "starts[least({visits:UInt32}, length(starts))]",
    },
)

_SAID: Final = f"""
    SELECT journal_position, NOT {DIRECTLY}, toUnixTimestamp64Milli(pageviews.timestamp), source, channel,
        referrer_host, {", ".join(CAMPAIGN)}
    FROM pageviews
    WHERE pixel_id IN {{pixels:Array(Int32)}}
        AND pageviews.timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
        AND NOT {FROM_INSIDE}
"""  # noqa: S608 - constants
