"""What shows whose pageviews are: what each was recorded with, and the links of their browsers. One look for a page."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from heropixel.events.store import Events
from heropixel.values import date_time


class Recorded(NamedTuple):
    """What a pageview was recorded with. Missing texts are empty."""

    user_id: int  # 0: none
    visitor_id: str
    resolution: str
    matched_on: str
    normalisation: str
    imported: bool
    received: int  # Unix milliseconds
    unlinked_from: int  # 0: its browser was taken from nobody


class VisitorLink(NamedTuple):
    """A link of a browser to a user."""

    visitor_id: str
    user_id: int
    linked_at: int  # Unix milliseconds
    evidence: int  # what linked it; 0: not kept


class EvidenceRead(NamedTuple):
    """What was recorded, by the position in the journal, and every link of the browsers in it."""

    recorded: dict[int, Recorded]
    links: list[VisitorLink]


def evidence_at(events: Events, app: int, places: Sequence[tuple[int, int, int]]) -> EvidenceRead:
    """What shows whose these pageviews are, given by pixel, timestamp (Unix milliseconds) and journal position.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    if not places:
        return EvidenceRead({}, [])
    pixels, timestamps, positions = zip(*places, strict=True)
    rows = events.ask(
        _RECORDED, app=app, pixels=list(set(pixels)), timestamps=list(timestamps), positions=list(positions)
    )
    recorded = {position: Recorded(*values) for position, *values in rows}
    visitors = sorted({each.visitor_id for each in recorded.values() if each.visitor_id})
    found = events.ask(_OF_VISITORS, app=app, visitors=visitors) if visitors else ()
    return EvidenceRead(recorded, _links(found))


def links_of(events: Events, app: int, users: Sequence[int]) -> list[VisitorLink]:
    """Every link of these users, earliest first.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    return _links(events.ask(_OF_USERS, app=app, users=list(users)))


def link_rows(links: Sequence[VisitorLink], app: int) -> list[dict[str, Any]]:
    """Links as rows of a document, each column under its name."""
    return [
        {
            "app": app,
            "visitorId": link.visitor_id,
            "userId": link.user_id,
            "linkedAt": date_time(link.linked_at),
            "evidence": link.evidence,
        }
        for link in links
    ]


def _links(rows: Sequence[Sequence[Any]]) -> list[VisitorLink]:
    return [VisitorLink(*row) for row in rows]


# Earlier versions did not note imports. No other pageview may be 30 days late (recording/pageview.py, LATE).
_IMPORTED = "imported = 1 OR received > timestamp + toIntervalDay(31)"

_RECORDED = f"""
    SELECT journal_position, user_id, visitor_id, resolution, matched_on, normalisation, ({_IMPORTED})::Bool,
        toUnixTimestamp64Milli(received), unlinked_from
    FROM pageviews
    WHERE app = {{app:UInt32}} AND pixel_id IN {{pixels:Array(Int32)}}
        AND timestamp IN arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{timestamps:Array(Int64)}})
        AND journal_position IN {{positions:Array(UInt64)}}
"""  # noqa: S608 - constants

_OF = """
    SELECT visitor_id, user_id, toUnixTimestamp64Milli(min(links.linked_at)) AS since, max(links.evidence)
    FROM links WHERE app = {app:UInt32} AND %s
    GROUP BY visitor_id, user_id ORDER BY since, user_id, visitor_id
"""
_OF_VISITORS = _OF % "visitor_id IN {visitors:Array(String)}"
# The projection of links leads from users to their browsers.
_OF_USERS = _OF % (
    "visitor_id IN (SELECT visitor_id FROM links"
    " WHERE app = {app:UInt32} AND user_id IN {users:Array(UInt64)}) AND user_id IN {users:Array(UInt64)}"
)
