"""The loader links the visitors of pageviews from browsers: after the answer, and before the rows are loaded."""

from collections.abc import Callable
from typing import Any

import pytest

from heropixel.directory.apps import app_number, create_app
from heropixel.directory.erasures import waiting_erasures
from heropixel.events import DATABASE
from heropixel.events.people import activity
from heropixel.identity.identifiers import Claims
from heropixel.identity.resolve import Lookup
from heropixel.upkeep.erasing import erase, write_links
from tests.recording.linking import ANN, BEN, Place, sha256

pytestmark = pytest.mark.usefixtures("empty_events")


def test_a_visitor_is_linked_when_the_pageview_is_loaded_and_not_before_the_answer(place: Place) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    assert place.linked_to("v") is None
    place.load()
    assert place.linked_to("v") == "a"
    place.api(visitor_id="w", sha256=sha256(BEN))
    assert place.linked_to("w") == "b", "a pageview of the API is linked before its answer"


def test_earlier_anonymous_pageviews_of_the_visitor_count_as_the_users(place: Place) -> None:
    place.beacon(visitor_id="v")
    place.beacon(visitor_id="v")
    place.beacon(visitor_id="another")
    place.load()
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    place.beacon(visitor_id="v")
    place.load()
    ann = place.user(email=ANN) or 0
    assert activity(place.events, place.app, {ann: [ann]})[ann].pageviews == 4
    rows = place.events.ask(f"SELECT user_id, matched_on FROM {DATABASE}.pageviews ORDER BY received")
    assert [tuple(row) for row in rows] == [(0, ""), (0, ""), (0, ""), (ann, "SHA256"), (ann, "VISITOR_ID")]


@pytest.mark.parametrize(
    ("visitor", "who"),
    [
        ("v", {}),
        ("v", {"sha256": sha256("nobody@example.com")}),
        ("v", {"sha256": sha256(ANN), "consent": False}),
        ("v", {"sha256": sha256(ANN), "user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("", {"sha256": sha256(ANN)}),
        ("daily:" + "a" * 32, {"sha256": sha256(ANN)}),
    ],
)
def test_nobody_is_linked_without_a_user_or_without_a_visitor(place: Place, visitor: str, who: dict[str, Any]) -> None:
    place.beacon(visitor_id=visitor, **who)
    place.load()
    assert place.linked_to("v") is None
    assert place.events.ask(f"SELECT visitor_id FROM {DATABASE}.links") == []


@pytest.mark.parametrize(
    ("meanwhile", "whose"),
    [
        (lambda _: None, "a"),
        (lambda place: place.forget(ANN), None),
        (lambda place: place.suppress(ANN), None),
        (lambda place: [place.suppress(ANN), place.unsuppress(ANN)], "a"),
        (lambda place: [place.identify(ANN, BEN), place.suppress(BEN)], None),
        (lambda place: [place.forget(ANN), place.identify(ANN)], None),  # that was before
    ],
)
def test_a_user_erased_or_suppressed_before_loading_is_not_linked(
    place: Place, meanwhile: Callable[[Place], object], whose: str | None
) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    meanwhile(place)
    place.load()
    assert place.linked_to("v") == whose


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    "hers",
    [
        [{"visitor_id": "v", "sha256": sha256(ANN)}],
        [{"sha256": sha256(ANN)}],
        [{"visitor_id": "v"}, {"visitor_id": "v", "sha256": sha256(ANN)}, {"visitor_id": "v"}],
    ],
)
def test_pageviews_waiting_during_an_erasure_are_erased_too_and_stay_so(
    place: Place, hers: list[dict[str, Any]], *, again: bool
) -> None:
    for event in hers:
        place.beacon(url="https://example.com/hers", **event)
    place.beacon(visitor_id="w", sha256=sha256(BEN), url="https://example.com/bens")
    place.forget(ANN)
    if again:
        place.identify(ANN)
    waiting = waiting_erasures(place.directory.connection)
    place.load()
    erase(place.directory, place.events, waiting, lambda: place.now)
    place.beacon(visitor_id="v", url="https://example.com/since")
    place.load()
    rows = place.events.ask(f"SELECT visitor_id, url, user_id > 0 FROM {DATABASE}.pageviews ORDER BY received")
    assert [tuple(row) for row in rows] == [
        *[("", "", 0)] * len(hers),
        ("w", "https://example.com/bens", 1),
        ("v", "https://example.com/since", 0),
    ]
    assert place.directory.connection.exec_driver_sql("SELECT 1 FROM erasures WHERE known_by IS NOT NULL").all() == []
    place.identify(ANN, visitor_id="v")
    write_links(place.directory, place.events)
    ann = place.user(email=ANN) or 0
    assert activity(place.events, place.app, {ann: [ann]})[ann].pageviews == 1


@pytest.mark.parametrize("email", [ANN, BEN])
def test_a_link_to_a_merged_user_is_the_survivors_and_after_an_unmerge_the_users_own(place: Place, email: str) -> None:
    place.beacon(visitor_id="v", sha256=sha256(email))
    place.identify(ANN, BEN)
    place.load()
    assert place.user(visitor_id="v") == place.user(email=ANN) == place.user(email=BEN)
    place.unmerge(ANN)
    assert place.user(visitor_id="v") == place.user(email=email)
    assert place.user(email=ANN) != place.user(email=BEN)


Step = Callable[[Place], object]


def beacon_of(email: str) -> Step:
    return lambda place: place.beacon(visitor_id="v", sha256=sha256(email))


def api_of(email: str) -> Step:
    return lambda place: place.api(visitor_id="v", sha256=sha256(email))


def identify_of(email: str) -> Step:
    return lambda place: place.identify(email, visitor_id="v")


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize(
    ("steps", "whose"),
    [
        ([beacon_of(ANN), beacon_of(BEN)], "b"),
        ([beacon_of(ANN), beacon_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), api_of(BEN)], "b"),
        ([api_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), identify_of(BEN)], "b"),
        ([identify_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), api_of(BEN), beacon_of(ANN)], "a"),
    ],
)
def test_the_last_user_of_a_browser_is_linked_by_api_and_browser_alike(
    place: Place, steps: list[Step], whose: str, batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if batches == 2:  # each pageview is a batch of its own
        monkeypatch.setattr("heropixel.recording.loader.MAX_BATCH", 1)
    for step in steps:
        step(place)
    place.load()
    assert place.linked_to("v") == whose


def test_a_visitor_linked_before_times_were_stored_is_linked_again(place: Place) -> None:
    place.identify(BEN, visitor_id="v")
    with place.directory.writing() as connection:
        connection.exec_driver_sql("UPDATE identifiers SET linked_at = NULL")
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    assert place.linked_to("v") == "a"


def test_a_visitor_of_one_app_is_linked_in_no_other(place: Place) -> None:
    with place.directory.writing() as connection:
        other = app_number(connection, create_app(connection, "Other", now=1).app_id)
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    (answer,) = place.resolver.resolve([Lookup(other, Claims(visitor_id="v"), None)], place.now)
    assert answer.user is None
