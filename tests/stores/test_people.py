"""The person of a pageview, and the sessions of a person, on the real event store. Each test has its own app."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from heropixel.events import Events
from heropixel.events.pageviews import ListPlace
from heropixel.events.people import activity, pageviews_of, seen_since, session_counts, sessions_of

START = 1_800_000_000  # Unix seconds
MINUTE, HOUR = 60, 3600
ANN, BEN = 7, 8


class Site:
    """An app with pageviews that are inserted as the loader does."""

    def __init__(self, events: Events, app: int) -> None:
        self.events = events
        self.app = app
        self._position = app * 1000

    def put(self, *rows: dict[str, Any]) -> None:
        lines = []
        for row in rows:
            self._position += 1
            whole = {
                "app": self.app,
                "pixel_id": self.app,
                "timestamp": START,
                "received": START + self._position / 1000,
                "event_id": f"e-{self._position}",
                "resolution": "FOUND" if row.get("user_id") else "NOT_KNOWN",
                "domain": "example.com",
                "journal_position": self._position,
                **row,
            }
            times = {name: str(round(whole[name] * 1000)) for name in ("timestamp", "received")}
            lines.append(json.dumps({**whole, **times}).encode())
        self.events.insert(b"\n".join(lines), f"t-{self._position}")

    def count(self, *users: int) -> int:
        return sum(each.pageviews for each in activity(self.events, self.app, {users[0]: users}).values())


@pytest.fixture(scope="module")
def events(either_events_url: str) -> Iterator[Events]:
    with closing(Events(either_events_url)) as events:
        yield events


@pytest.fixture
def site(events: Events, request: pytest.FixtureRequest) -> Site:
    Site.number = getattr(Site, "number", 0) + 1  # type: ignore[attr-defined]  # one app a test
    return Site(events, Site.number)  # type: ignore[attr-defined]  # as above


@pytest.mark.parametrize("resolution", ["SUPPRESSED", "NO_CONSENT", "NO_IDENTIFIER", ""])
def test_only_a_pageview_of_an_unknown_user_becomes_the_linked_users(site: Site, resolution: str) -> None:
    site.put({"visitor_id": "v", "resolution": resolution}, {"visitor_id": "v"}, {"visitor_id": ""})
    site.put({"visitor_id": "v", "user_id": ANN})
    assert site.count(ANN) == 2


def test_a_pageview_of_a_browser_that_is_kept_from_its_user_stitches_nothing(site: Site) -> None:
    site.put({"visitor_id": "v"}, {"visitor_id": "v", "user_id": ANN, "unlinked_from": ANN})
    assert site.count(ANN) == 1
    site.events.link(0, 1 << 40)  # as a loader does that was interrupted
    assert site.count(ANN) == 1


def test_the_older_user_has_the_history_of_two_links_at_one_instant(site: Site) -> None:
    site.put({"visitor_id": "v"})
    site.put({"visitor_id": "v", "user_id": BEN, "received": START})
    site.put({"visitor_id": "v", "user_id": ANN, "received": START})
    assert (site.count(ANN), site.count(BEN), site.count(ANN, BEN)) == (2, 1, 3)


def test_a_visitor_of_another_app_is_another_visitor(site: Site) -> None:
    site.put({"visitor_id": "v"}, {"visitor_id": "v", "app": site.app + 100_000, "user_id": ANN})
    assert (site.count(ANN), seen_since(site.events, site.app, 0)) == (0, [])


def test_users_seen_since_an_instant_include_its_millisecond_and_anonymous_pageviews(site: Site) -> None:
    site.put({"user_id": ANN}, {"visitor_id": "v", "timestamp": START + 9})
    assert seen_since(site.events, site.app, START * 1000) == [ANN]
    assert seen_since(site.events, site.app, START * 1000 + 1) == []
    site.events.add_links(b'{"app":%d,"visitor_id":"v","user_id":%d,"linked_at":1}' % (site.app, BEN))
    assert seen_since(site.events, site.app, START * 1000 + 1) == [BEN]


@pytest.mark.parametrize(
    ("seen", "sessions"),
    [
        ([(0, "")], 1),
        ([(0, ""), (30 * MINUTE - 1, "")], 1),
        ([(0, ""), (30 * MINUTE, "")], 2),
        ([(0, "s"), (5 * HOUR, "s")], 2),  # an id of the caller's neither keeps a session open
        ([(0, "s"), (MINUTE, "t")], 1),  # nor ends one
        ([(times * 20 * MINUTE, "") for times in range(72)], 1),
        ([(times * 20 * MINUTE, "") for times in range(73)], 2),
        ([(times * 20 * MINUTE, "") for times in range(2 * 72 + 1)], 3),
        ([(minutes * 29 * MINUTE, "") for minutes in range(60)], 2),
    ],
)
def test_a_session_ends_after_half_an_hour_without_a_pageview_or_after_a_day(
    site: Site, seen: list[tuple[int, str]], sessions: int
) -> None:
    site.put(*[{"user_id": ANN, "timestamp": START + at, "session_id": given} for at, given in seen])
    person = {ANN: [ANN]}
    assert session_counts(site.events, site.app, person) == {ANN: sessions}
    listed = sessions_of(site.events, site.app, person, None, 100)
    assert (len(listed), sum(session.pageviews for session in listed)) == (sessions, len(seen))
    assert [session.started for session in listed] == sorted((s.started for s in listed), reverse=True)
    assert listed[-1].started == START * 1000


def test_sessions_go_over_all_ids_browsers_and_pixels_of_a_person_and_are_each_persons_own(site: Site) -> None:
    site.put(
        {"visitor_id": "v", "url": "/anonymous"},
        {"user_id": ANN, "visitor_id": "v", "timestamp": START + 20 * MINUTE},
        {"user_id": 99, "timestamp": START + 40 * MINUTE, "pixel_id": 5, "url": "/last"},
        {"user_id": BEN, "timestamp": START + 10 * MINUTE},
    )
    people = {ANN: [ANN, 99], BEN: [BEN]}
    assert session_counts(site.events, site.app, people) == {ANN: 1, BEN: 1}
    (session,) = sessions_of(site.events, site.app, {ANN: [ANN, 99]}, None, 10)
    assert (session.entry_url, session.exit_url, session.pageviews) == ("/anonymous", "/last", 3)
    assert activity(site.events, site.app, people)[ANN].pixels == sorted({site.app, 5})


def test_no_two_visits_of_a_person_start_at_one_instant_so_pages_of_them_skip_none(site: Site) -> None:
    """Pageviews of one instant are of one visit, whatever pixel, browser and id they have."""
    begun = [START, START + 30 * MINUTE, START + 60 * MINUTE]  # each ends the visit before, by as little as may be
    begun += [begun[-1] + times * 24 * HOUR for times in (1, 2)]  # a series that is cut each day
    for at in [*begun[:2], *range(begun[2], begun[-1] + 1, 20 * MINUTE)]:
        site.put(
            {"user_id": ANN, "timestamp": at},
            {"user_id": ANN, "timestamp": at, "pixel_id": 5},
            {"user_id": 99, "timestamp": at, "visitor_id": "v"},
            {"visitor_id": "v", "timestamp": at, "pixel_id": 6},
        )
    person = {ANN: [ANN, 99]}
    starts: list[int] = []
    while page := sessions_of(site.events, site.app, person, starts[-1] if starts else None, 1):
        starts += [session.started for session in page]
    assert starts == [at * 1000 for at in reversed(begun)]
    assert session_counts(site.events, site.app, person) == {ANN: len(starts)}


def test_what_was_erased_is_nobodys_in_every_figure(site: Site) -> None:
    site.put({"user_id": ANN, "visitor_id": "v"}, {"user_id": BEN})
    site.events._client.command(
        "ALTER TABLE pageviews UPDATE user_id = 0, visitor_id = ''"
        f" WHERE app = {site.app} AND user_id = {ANN} SETTINGS mutations_sync = 2"
    )
    assert (site.count(ANN), site.count(BEN)) == (0, 1)
    site.events._client.command(f"DELETE FROM links WHERE app = {site.app} AND user_id = {ANN}")
    site.events._client.command(f"DELETE FROM pageviews WHERE app = {site.app} AND user_id = {BEN}")
    assert site.count(BEN) == 0


def test_pageviews_are_found_by_the_projection_that_was_made_for_it(site: Site) -> None:
    from heropixel.events import people as module

    site.events._client.command(  # in less than a few granules there is nothing to choose
        "INSERT INTO pageviews (app, pixel_id, timestamp, received, user_id, resolution, visitor_id)"
        f" SELECT {site.app}, number % 9, now64(3), now64(3), number % 50000, 'FOUND', toString(number)"
        " FROM numbers(100000)"
    )
    assert site.count(ANN) == 2
    who = module.who(site.app, {ANN: [ANN]})
    plan = "\n".join(row[0] for row in site.events.ask(f"EXPLAIN indexes = 1 {module._ACTIVITY}", **who))
    assert "ReadFromMergeTree (by_person)" in plan
    assert f"ReadFromMergeTree ({site.events.place.database}.pageviews)" not in plan


def test_a_place_lies_between_two_pageviews_of_one_instant(site: Site) -> None:
    site.put(*[{"user_id": ANN} for _ in range(4)])
    rows = pageviews_of(site.events, site.app, {ANN: [ANN]}, None, 2)
    rest = pageviews_of(site.events, site.app, {ANN: [ANN]}, rows[-1][0], 10)
    positions = [place.position for place, _ in rows + rest]
    assert positions == sorted(positions, reverse=True)
    assert len(positions) == 4
    assert rows[0][0] == ListPlace(START * 1000, positions[0])
