"""Where a person first came from, on the real event store. Each test has its own app."""

from collections.abc import Iterator
from typing import Any

import pytest

from heropixel.events import Events
from heropixel.events.first_sources import first_sources
from tests.stores.test_people import ANN, BEN, HOUR, MINUTE, START, Site

GOOGLE = {"channel": "ORGANIC_SEARCH", "source": "Google", "referrer_host": "www.google.com"}
NEWSLETTER = {"channel": "EMAIL", "source": "news", "utm_source": "news", "utm_medium": "email", "utm_campaign": "may"}
DIRECT, INSIDE = {"channel": "DIRECT"}, {"channel": "INTERNAL", "referrer_host": "example.com"}
OWN_BANNER = {"channel": "DISPLAY", "source": "top", "referrer_host": "www.example.com", "hostname": "shop.example.com"}
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def events(either_events_url: str) -> Iterator[Events]:
    events = Events(either_events_url)
    yield events
    events.close()


NUMBERS = iter(range(1, 1000))


@pytest.fixture
def site(events: Events) -> Site:
    return Site(events, next(NUMBERS))


def seen(after: int, said: dict[str, str], user: int = ANN, visitor: str = "", **more: Any) -> dict[str, Any]:
    return {"timestamp": START + after, "user_id": user, "visitor_id": visitor, **said, **more}


def source_of(site: Site, *users: int) -> tuple[str, str, int] | None:
    """Source and channel, and seconds after the start."""
    found = first_sources(site.events, site.app, {users[0]: users}).get(users[0])
    return (found.source, found.channel, found.at // 1000 - START) if found else None


@pytest.mark.parametrize(
    ("visits", "expected"),
    [
        ([(0, GOOGLE), (MINUTE, INSIDE), (DAY, NEWSLETTER)], ("Google", "ORGANIC_SEARCH", 0)),
        ([(DAY, NEWSLETTER), (0, GOOGLE)], ("Google", "ORGANIC_SEARCH", 0)),  # a backdated import came later
        ([(0, DIRECT), (MINUTE, INSIDE), (DAY, GOOGLE)], ("", "DIRECT", 0)),
        ([(0, DIRECT), (MINUTE, GOOGLE)], ("Google", "ORGANIC_SEARCH", MINUTE)),  # of one visit: what tells a source
        ([(0, DIRECT), (MINUTE, OWN_BANNER)], ("", "DIRECT", 0)),
        ([(0, INSIDE), (MINUTE, DIRECT)], ("", "DIRECT", MINUTE)),
        ([(0, INSIDE), (DAY, NEWSLETTER)], ("news", "EMAIL", DAY)),  # the beginning of the first visit is not there
        ([(visit * HOUR, INSIDE) for visit in range(19)] + [(DAY, GOOGLE)], ("Google", "ORGANIC_SEARCH", DAY)),
        ([(visit * HOUR, INSIDE) for visit in range(30)], None),
        ([], None),
    ],
)
def test_a_person_first_came_from_where_their_first_visit_came_from(
    site: Site, visits: list[tuple[int, dict[str, str]]], expected: tuple[str, str, int] | None
) -> None:
    site.put(seen(0, NEWSLETTER, BEN), *(seen(after, said) for after, said in visits))
    assert source_of(site, ANN) == expected


def test_the_campaign_is_part_of_it(site: Site) -> None:
    site.put(seen(0, {**NEWSLETTER, "utm_term": "tea", "utm_content": "top"}), seen(MINUTE, GOOGLE))
    assert first_sources(site.events, site.app, {ANN: [ANN]})[ANN][1:] == (
        "news",
        "EMAIL",
        "",
        "news",
        "email",
        "may",
        "tea",
        "top",
    )


def test_the_anonymous_visits_of_a_browser_that_is_linked_later_count(site: Site) -> None:
    site.put(seen(0, GOOGLE, 0, "v"), seen(DAY, NEWSLETTER))
    assert source_of(site, ANN) == ("news", "EMAIL", DAY)
    site.put(seen(2 * DAY, DIRECT, ANN, "v"))
    assert source_of(site, ANN) == ("Google", "ORGANIC_SEARCH", 0)


def test_a_person_has_the_first_source_of_all_users_they_were_merged_of_and_each_their_own_after_an_unmerge(
    site: Site,
) -> None:
    site.put(seen(DAY, NEWSLETTER, ANN), seen(0, GOOGLE, BEN))
    assert source_of(site, ANN, BEN) == ("Google", "ORGANIC_SEARCH", 0)
    assert source_of(site, ANN) == ("news", "EMAIL", DAY)
    assert source_of(site, BEN) == ("Google", "ORGANIC_SEARCH", 0)


def test_a_page_of_a_hundred_people_is_two_queries(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    people = {user: [user] for user in range(1, 101)}
    site.put(*(seen(user, GOOGLE if user % 2 else NEWSLETTER, user) for user in people))
    asked = []

    def ask(question: str, **bound: Any) -> Any:
        asked.append(question)
        return Events.ask(site.events, question, **bound)

    monkeypatch.setattr(site.events, "ask", ask)
    found = first_sources(site.events, site.app, people)
    assert {user: source.source for user, source in found.items()} == {
        user: "Google" if user % 2 else "news" for user in people
    }
    assert len(asked) == 2
