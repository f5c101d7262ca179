"""A browser is taken from a person in the event store, and given back: its links, and the pageviews that it found.

A pageview that the browser alone found becomes anonymous, and keeps in `unlinked_from` whose it was. One that was found
by another identifier stays the person's. `unlinked_from` says that it shows no link any more. Earlier anonymous
pageviews follow the links.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from heropixel.events.erasing import rewrite
from heropixel.events.stitching import ANONYMOUS, owners_among
from heropixel.events.store import Events


class Browser(NamedTuple):
    """A browser, and all users of a person that it is or was linked to."""

    app: int
    visitor_id: str
    users: Sequence[int]


def links_to(events: Events, browser: Browser) -> list[tuple[int, int, int]]:
    """The links of a browser to these users: user, since when (Unix milliseconds), evidence.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    return [(user, at, evidence) for user, at, evidence in events.ask(_LINKS, **_asked(browser))]


def pageviews_by(events: Events, browser: Browser) -> int:
    """How many pageviews are the person's by this browser alone: found by it, or anonymous and stitched by it.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    ((count,),) = events.ask(_COUNT, **_asked(browser))
    return int(count)


def take(events: Events, browser: Browser, until: int | None = None) -> None:
    """Take a browser from a person, in the pageviews that were received before an instant (Unix milliseconds).

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    facts = _named(events, browser) | {"until": 1 << 48 if until is None else until}
    rewrite(events, "pageviews", _TAKE, f"{_WHERE} AND {_BEFORE}", facts)
    rewrite(events, "links", "DELETE", _WHERE, facts)


def put_back(events: Events, browser: Browser, links: Sequence[tuple[int, int, int]]) -> None:
    """Give a browser back to a person, with the links that were removed.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    rewrite(events, "pageviews", _PUT_BACK, _TAKEN, _named(events, browser))
    put_links(events, browser, links)


def put_links(events: Events, browser: Browser, links: Sequence[tuple[int, int, int]]) -> None:
    """Link a browser to users: user, since when (Unix milliseconds), evidence.

    Raises:
        EventsUnavailable: retry the same call to complete it.
    """
    rows = [
        {
            "app": browser.app,
            "visitor_id": browser.visitor_id,
            "user_id": user,
            "linked_at": str(at),
            "evidence": evidence,
        }
        for user, at, evidence in links
    ]
    if rows:
        events.add_links(msgspec.json.Encoder().encode_lines(rows))


def _asked(browser: Browser) -> dict[str, Any]:
    return {**browser._asdict(), "users": list(browser.users)}


def _named(events: Events, browser: Browser) -> dict[str, Any]:
    """The browser by a number: the engine keeps the text of a mutation in a file, and no visitor id may be in it."""
    ((number,),) = events.ask("SELECT sipHash64({visitor_id:String})", visitor_id=browser.visitor_id)
    return {"app": browser.app, "users": list(browser.users), "browser": number}


_LINKS = """
    SELECT user_id, toUnixTimestamp64Milli(min(linked_at)), max(evidence) FROM links
    WHERE app = {app:UInt32} AND visitor_id = {visitor_id:String} AND user_id IN {users:Array(UInt64)}
    GROUP BY user_id ORDER BY user_id
"""

_COUNT = f"""
    SELECT countIf(user_id != 0 OR stitched) FROM
    (
        SELECT user_id, (SELECT count() FROM ({owners_among("{visitor_id:String}")}
            HAVING owner IN {{users:Array(UInt64)}}) ) > 0 AS stitched
        FROM pageviews
        WHERE app = {{app:UInt32}} AND visitor_id = {{visitor_id:String}}
            AND ((user_id IN {{users:Array(UInt64)}} AND matched_on = 'VISITOR_ID') OR ({ANONYMOUS}))
    )
"""  # noqa: S608 - constants

_WHERE = "app = {app:UInt32} AND user_id IN {users:Array(UInt64)} AND sipHash64(visitor_id) = {browser:UInt64}"
_BEFORE = "received < fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
_TAKE = (
    "UPDATE unlinked_from = user_id, user_id = if(matched_on = 'VISITOR_ID', 0, user_id),"
    " resolution = if(matched_on = 'VISITOR_ID', 'NOT_KNOWN', resolution)"
)
_TAKEN = "app = {app:UInt32} AND unlinked_from IN {users:Array(UInt64)} AND sipHash64(visitor_id) = {browser:UInt64}"
_PUT_BACK = (
    "UPDATE user_id = if(user_id = 0, unlinked_from, user_id),"
    " resolution = if(user_id = 0, 'FOUND', resolution), unlinked_from = 0"
)
