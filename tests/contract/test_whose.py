"""Whose an anonymous pageview is: the history of the visitors of a user."""

import json
import time
from typing import Any

import pytest

from tests.contract.people import FIGURES, People
from tests.world import Server, World, command, running


@pytest.fixture
def shop(server: Server) -> People:
    return People(server)


def test_earlier_anonymous_pageviews_belong_to_the_user_once_a_pageview_links_the_visitor(shop: People) -> None:
    shop.see("/first", visitorId="browser")
    shop.see("/somebody-else", visitorId="another browser")
    shop.see("/second", visitorId="browser")
    ann = shop.see("/login", visitorId="browser", email="ann@example.com")["user"]["id"]
    shop.eventually(lambda: shop.pages(id=ann), ["/login", "/second", "/first"])
    assert shop.figures(id=ann)["pageviewCount"] == 3
    (node,) = shop.users(FIGURES)["nodes"]
    assert (node["pageviewCount"], node["sessionCount"]) == (3, 1)


def test_earlier_anonymous_pageviews_belong_to_the_user_once_identify_links_the_visitor(shop: People) -> None:
    shop.see("/first", visitorId="browser")
    shop.see("/one", visitorId="hers too")
    ann = shop.identify(email="ann@example.com", visitorId="browser")["user"]["id"]
    shop.eventually(lambda: shop.pages(id=ann), ["/first"])
    assert shop.many({"externalId": "a-1", "email": "ann@example.com", "visitorId": "hers too"})["code"] == 200
    shop.eventually(lambda: shop.pages(id=ann), ["/one", "/first"])


def test_a_preview_of_a_merge_links_nobody(shop: People) -> None:
    shop.see("/first", visitorId="browser")
    ann = shop.identify(email="ann@example.com")["user"]["id"]
    shop.preview(email="ann@example.com", visitorId="browser")
    shop.see("/hers", email="ann@example.com")
    shop.eventually(lambda: shop.pages(id=ann), ["/hers"])
    time.sleep(1.5)  # longer than a link waits
    assert shop.pages(id=ann) == ["/hers"]


def test_a_visitor_that_is_later_linked_to_another_user_keeps_its_history_with_the_first(shop: People) -> None:
    shop.see("/first", visitorId="browser")
    ann = shop.see("/ann", visitorId="browser", email="ann@example.com")["user"]["id"]
    shop.eventually(lambda: shop.pages(id=ann), ["/ann", "/first"])
    ben = shop.see("/ben", visitorId="browser", email="ben@example.com")["user"]["id"]
    cleo = shop.identify(email="cleo@example.com", visitorId="browser")["user"]["id"]
    assert shop.see("/cleo", visitorId="browser")["user"]["id"] == cleo, "the last to use a browser has it"
    shop.eventually(lambda: shop.pages(id=cleo), ["/cleo"])
    assert (shop.pages(id=ben), shop.pages(id=ann)) == (["/ben"], ["/ann", "/first"])


def test_a_person_has_the_pageviews_of_all_their_ids_and_after_an_unmerge_each_has_their_own(shop: People) -> None:
    shop.see("/anonymous", visitorId="browser")
    newer = {"email": "ann@example.com"}
    older = shop.see("/older", email="ann@work.example")["user"]["id"]
    shop.see("/newer", visitorId="browser", **newer)
    shop.identify(email="ann@work.example", emails=["ann@example.com"])
    shop.eventually(lambda: shop.pages(**newer), ["/newer", "/older", "/anonymous"])
    (node,) = shop.users(FIGURES)["nodes"]
    assert (node["id"], node["pageviewCount"], node["emails"]) == (
        older,
        3,
        ["ann@example.com", "ann@work.example"],
    )
    (merge,) = shop.user(**newer)["merges"]
    shop.unmerge(merge["id"])
    assert (shop.pages(id=older), shop.pages(**newer)) == (["/older"], ["/newer", "/anonymous"])
    assert [node["pageviewCount"] for node in shop.users(FIGURES)["nodes"]] == [1, 2]


@pytest.mark.parametrize("served", [True, False])
def test_an_export_and_a_restarted_server_know_the_user_of_an_anonymous_pageview(world: World, *, served: bool) -> None:
    def exported() -> list[Any]:
        lines = [json.loads(line) for line in command(world, "pageviews", "export").splitlines()]
        return [(line["url"], line.get("userId")) for line in lines]

    with running(world) as server:
        for url, visitor in (("/1", "a"), ("/2", "b"), ("/3", "c")):
            server.pageview(url=url, visitorId=visitor)
        ann = server.pageview(url="/4", visitorId="a", email="ann@example.com")["user"]["id"]
        server.pageview(url="/5", visitorId="a", email="ben@example.com")
        told = command(
            world, "users", "identify", "--app", world.app_id, "--external-id", "x", "--visitor-id", "b", "--json"
        )
        if not served:
            server.stop()
        first = exported()
    known = {"/1": ann, "/2": json.loads(told)["id"], "/3": None, "/4": ann}
    assert {url: user for url, user in first if url != "/5"} == known
    with running(world):
        assert exported() == first
