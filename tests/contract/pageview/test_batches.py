"""`pageviews`: many in one request are answered one by one, and a bad one spoils no other."""

from typing import Any

from tests.contract.pageview.asking import KNOWN, TRAITS, batch
from tests.world import Server


def test_a_thousand_pageviews_are_answered_one_by_one_in_order(shop: Server) -> None:
    events: list[dict[str, Any]] = [
        {"pixelId": 1, "domain": "example.com", "eventId": f"batch-{number}"} for number in range(1000)
    ]
    for number in range(0, 1000, 10):
        events[number]["email"] = KNOWN
    for number in range(3, 1000, 10):
        events[number]["domain"] = "example.org"
    for number in range(7, 1000, 10):
        events[number]["md5"] = "nonsense"
    answer = batch(shop, events)
    assert (answer["code"], answer["message"]) == (200, "800 of 1000 pageviews recorded")
    assert answer["data"] == {"recorded": 800, "refused": 200}
    assert answer["reason"] is None
    for number, result in enumerate(answer["results"]):
        expected = {0: "User Found", 3: "Domain not authorized"}.get(number % 10, "User Not Found")
        if number % 10 == 7:
            assert result["reason"] == "INVALID_DIGEST"
            continue
        assert result["message"] == expected, number
        assert result["eventId"] == (None if result["code"] == 400 else f"batch-{number}")


def test_a_bad_pageview_spoils_no_other(shop: Server) -> None:
    good = {"pixelId": 1, "domain": "example.com"}
    answer = batch(shop, [{**good, "pixelId": 99}, good, {**good, "email": "x"}, {**good, "email": KNOWN}])
    assert [result["reason"] for result in answer["results"]] == ["PIXEL_NOT_FOUND", None, "INVALID_EMAIL", None]
    assert answer["results"][3]["data"] == TRAITS
    assert all(result["data"] == {} for result in answer["results"][:3])


def test_a_person_learned_in_a_request_is_known_to_its_later_pageviews(shop: Server) -> None:
    event = {"pixelId": 1, "domain": "example.com", "email": "twice-in-one@example.com", "visitorId": "v-in-one"}
    alone = {"pixelId": 1, "domain": "example.com", "visitorId": "v-in-one"}
    answer = batch(shop, [alone, event, event, alone])
    messages = [result["message"] for result in answer["results"]]
    assert messages == ["User Not Found", "User Created", "User Found", "User Found"]


def test_more_than_a_thousand_pageviews_are_refused_as_a_whole(shop: Server) -> None:
    answer = batch(shop, [{"pixelId": 1, "domain": "example.com"}] * 1001)
    assert answer == {
        "code": 400,
        "message": "events holds 1001 pageviews, 1000 are allowed in one request: send the rest in another",
        "data": {},
        "reason": "TOO_MANY_EVENTS",
        "results": None,
    }


def test_no_pageviews_at_all_are_no_mistake(shop: Server) -> None:
    assert batch(shop, []) == {
        "code": 200,
        "message": "0 of 0 pageviews recorded",
        "data": {"recorded": 0, "refused": 0},
        "reason": None,
        "results": [],
    }
