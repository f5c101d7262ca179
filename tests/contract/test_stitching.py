"""Section 4 of the contract, from outside: the earlier anonymous pageviews of a browser become its user's."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_forgetting import Lawyer
from tests.world import World, command, exported, running


def whose(world: World) -> dict[str, str | None]:
    """The user of every pageview, by its event id."""
    rows = exported(world)
    return {row["eventId"]: row.get("userId") for row in rows}


def see(app: Lawyer, event: str, **who: Any) -> str:
    """Send a pageview; the id of the user it resolves to."""
    answer = app.pageview(eventId=event, **who)
    assert answer["code"] == 200
    return answer["user"]["id"] if answer["user"] else ""


@pytest.mark.parametrize("serving", [True, False], ids=["from the server", "without one"])
def test_from_the_moment_of_linking_earlier_anonymous_pageviews_count_as_the_users(world: World, serving: bool) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        assert see(shop, "before", visitorId="a") == ""
        assert see(shop, "other", visitorId="b") == ""
        server.loaded(2)
        assert whose(world) == {"before": None, "other": None}
        ann = see(shop, "signs in", visitorId="a", email="ann@example.com")
        assert see(shop, "after", visitorId="a") == ann
        bob = shop.identify(externalId="bob", visitorId="b")["user"]["id"]
        if not serving:
            server.stop()
        assert whose(world) == {"before": ann, "signs in": ann, "after": ann, "other": bob}


def test_a_visitor_that_is_later_linked_to_another_user_keeps_its_history_with_the_first(world: World) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        see(shop, "1 anonymous", visitorId="tablet")
        ann = shop.identify(email="ann@example.com", visitorId="tablet")["user"]["id"]
        see(shop, "2 ann's", visitorId="tablet")
        time.sleep(0.01)
        bob = see(shop, "3 bob signs in", visitorId="tablet", email="bob@example.com")
        see(shop, "4 bob's", visitorId="tablet")
        see(shop, "5 ann signs in again", visitorId="tablet", email="ann@example.com")
        assert whose(world) == {
            "1 anonymous": ann,
            "2 ann's": ann,
            "3 bob signs in": bob,
            "4 bob's": bob,
            "5 ann signs in again": ann,
        }


def prepare(shop: Lawyer) -> tuple[str, str]:
    """Two users, the older one first, and an anonymous pageview of a browser."""
    ann, bob = (shop.identify(email=f"{name}@example.com")["user"]["id"] for name in ("ann", "bob"))
    see(shop, "before", visitorId="tablet")
    return ann, bob


def test_who_was_linked_first_is_decided_by_the_order_within_a_batch_of_pageviews(world: World) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        ann, bob = prepare(shop)
        events = [
            {"pixelId": shop.site, "domain": "example.com", "visitorId": "tablet", "email": f"{name}@example.com"}
            for name in ("bob", "ann", "bob")
        ]
        recording = "mutation ($auth: AuthInput, $events: [PageviewEventInput!]!)"
        shop(recording + " { pageviews(auth: $auth, events: $events) { code } }", events=events)
        assert whose(world)["before"] == bob != ann


def test_who_was_linked_first_is_decided_by_the_order_within_identify_many(world: World) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        _, bob = prepare(shop)
        shop.many(*({"email": f"{name}@example.com", "visitorId": "tablet"} for name in ("bob", "ann")))
        assert whose(world)["before"] == bob


@pytest.mark.parametrize("newest_first", [False, True])
def test_who_was_linked_first_is_decided_by_when_imported_pageviews_happened(
    world: World, tmp_path: Path, *, newest_first: bool
) -> None:
    rows = [(1_735_725_540, ""), (1_735_725_600, "zoe"), (1_735_725_605, "ann")]
    file = tmp_path / "pageviews.jsonl"
    lines = [
        json.dumps(
            {"pixelId": world.pixel, "domain": "example.com", "timestamp": timestamp, "eventId": name or "before"}
            | {"visitorId": "tablet"} | ({"email": f"{name}@example.com"} if name else {})
        )
        for timestamp, name in rows
    ]  # fmt: skip
    file.write_text("\n".join(reversed(lines) if newest_first else lines))
    app = ("--app", world.app_id)
    for name in ("ann", "zoe"):
        command(world, "users", "identify", *app, "--email", f"{name}@example.com")
    with running(world):
        command(world, "pageviews", "import", str(file), "--pixel", str(world.pixel))
        users = whose(world)
    assert users["before"] == users["zoe"] != users["ann"]


def test_history_follows_a_merge_and_comes_back_when_it_is_undone(world: World) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        old = shop.identify(externalId="old")["user"]["id"]
        see(shop, "before", visitorId="a")
        ann = see(shop, "signs in", visitorId="a", email="ann@example.com")
        assert shop.identify(externalId="old", email="ann@example.com")["result"] == "MERGED"
        assert whose(world) == {"before": old, "signs in": old}
        (merge,) = shop.user(externalId="old")["merges"]
        shop.unmerge(merge["id"])
        assert whose(world) == {"before": ann, "signs in": ann}


@pytest.mark.parametrize("who", [{"consent": False}, {"email": "hidden@example.com"}], ids=["no consent", "suppressed"])
def test_a_pageview_without_consent_or_of_a_suppressed_person_becomes_nobodys_history(
    world: World, who: dict[str, Any]
) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        suppress = 'suppress(auth: $auth, contacts: [{ email: "hidden@example.com" }]) { code }'
        shop(f"mutation ($auth: AuthInput) {{ {suppress} }}")
        see(shop, "private", visitorId="a", **who)
        ann = see(shop, "signs in", visitorId="a", email="ann@example.com")
        assert whose(world) == {"private": None, "signs in": ann}


def test_one_app_never_has_the_history_of_anothers_visitor(world: World) -> None:
    with running(world) as server:
        ours, theirs = Lawyer(server, world.auth), Lawyer(server)
        see(ours, "ours", visitorId="same")
        see(theirs, "theirs", visitorId="same", email="ann@example.com")
        assert whose(world)["ours"] is None


@pytest.mark.parametrize("linked_by", ["pageview", "identify"])
def test_forgetting_a_person_erases_their_earlier_anonymous_pageviews(world: World, linked_by: str) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        shop.pageview(visitorId="hers", url="https://example.com/hers")
        shop.pageview(visitorId="bobs", url="https://example.com/bobs")
        shop.pageview(visitorId="bobs", email="bob@example.com", eventId="bob")
        if linked_by == "identify":
            shop.identify(email="ann@example.com", visitorId="hers")
        for browser in ("hers", "bobs"):  # she has used his too
            shop.pageview(visitorId=browser, email="ann@example.com", url="https://example.com/hers")
        erasure = shop.done(shop.forget(email="ann@example.com"))
        assert erasure["erased"]["pageviews"] == 3
        exported = command(world, "pageviews", "export")
        assert "hers" not in exported
        rows = [json.loads(line) for line in exported.splitlines()]
        (bob,) = [row["userId"] for row in rows if row.get("eventId") == "bob"]
        assert [row["userId"] for row in rows if row.get("url") == "https://example.com/bobs"] == [bob]


def test_links_wait_for_an_unreachable_event_store(world: World) -> None:
    world = world.with_key
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        see(shop, "before", visitorId="a")
        server.stop()
    with running(world, events_url="clickhouse://127.0.0.1:1") as server:
        ann = shop.on(server).identify(email="ann@example.com", visitorId="a")["user"]["id"]
        server.stop()
    assert whose(world) == {"before": ann}


CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_bots_before_a_link_are_stitched_as_those_after_it_are(world: World) -> None:
    with running(world) as server:
        shop = Lawyer(server, world.auth)
        assert see(shop, "before", visitorId="a", userAgent=CRAWLER) == ""
        ann = see(shop, "signs in", visitorId="a", email="ann@example.com")
        assert see(shop, "after", visitorId="a", userAgent=CRAWLER) == ann
        assert whose(world) == {"before": ann, "signs in": ann, "after": ann}
