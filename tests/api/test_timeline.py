"""A person's timeline: everything that happened in one ordered list, on a whole server in this process."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from heropixel.clock import clock
from heropixel.events import Events
from tests.api.inside import Shop, new_shop, opened_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

V = "hp1." + "a" * 32
HOUR = 3_600_000
TIMELINE = """query ($first: Int!, $after: String) {
  userTimeline(by: { externalId: "ann" }, first: $first, after: $after) {
    code message totalCount pageInfo { hasNextPage endCursor }
    nodes {
      kind at text session { startedAt pageviewCount } pageviews { eventId userId why { kind } }
      merge { id } browser { visitorId linkedBy } unlink { id visitorId } suppression { id reason }
    }
  }
}"""
KINDS = ["SUPPRESSED", "RELINKED", "UNLINKED", "MERGED", "KNOWN", "LINKED", "KNOWN", "VISIT", "VISIT"]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with opened_server(tmp_path_factory.mktemp("timeline") / "data") as server:
        shop = await new_shop(server)
        now = clock()
        for number, ago in enumerate((50, 49.9, 3, 2.9, 2.8)):
            await shop.pageview(eventId=f"e{number}", visitorId=V, timestamp=now - int(ago * HOUR))
        await shop.settle()
        await shop.identify(externalId="ann", visitorId=V)
        await shop.identify(email="ann@example.com")
        await shop.identify(externalId="ann", email="ann@example.com")
        await shop.settle()
        unlink = 'mutation ($v: String!) { unlink(by: { externalId: "ann" }, visitorId: $v) { unlink { id } } }'
        taken = await shop.ask(unlink, v=V)
        await shop.ask("mutation ($id: ID!) { relink(id: $id) { code } }", id=taken["unlink"]["id"])
        contacts = [{"email": "ann@example.com", "reason": "on holiday"}]
        await shop.ask("mutation ($c: [ContactInput!]!) { suppress(contacts: $c) { code } }", c=contacts)
        await shop.settle()
        yield shop


async def timeline(shop: Shop, first: int = 20, after: str | None = None) -> Any:
    answer = await shop.ask(TIMELINE, first=first, after=after)
    assert answer["code"] == 200, answer
    return answer


async def test_a_timeline_has_visits_merges_links_unlinks_and_suppressions_in_one_order(shop: Shop) -> None:
    answer = await timeline(shop)
    nodes = answer["nodes"]
    assert sorted(node["kind"] for node in nodes) == sorted(KINDS)
    assert [node["at"] for node in nodes] == sorted((node["at"] for node in nodes), reverse=True)
    assert answer["totalCount"] == len(nodes)
    by_kind = {node["kind"]: node for node in nodes}
    assert by_kind["LINKED"]["browser"] == {"visitorId": V, "linkedBy": "IDENTIFY"}
    assert by_kind["UNLINKED"]["unlink"]["visitorId"] == by_kind["RELINKED"]["unlink"]["visitorId"] == V
    assert by_kind["SUPPRESSED"]["suppression"]["reason"] == "on holiday"
    assert by_kind["MERGED"]["merge"]["id"]
    assert all(node["text"].endswith(".") for node in nodes)


async def test_each_visit_has_its_pageviews_and_why_they_are_hers(shop: Shop) -> None:
    latest, first = [node for node in (await timeline(shop))["nodes"] if node["kind"] == "VISIT"]
    assert [page["eventId"] for page in latest["pageviews"]] == ["e4", "e3", "e2"]
    assert [page["eventId"] for page in first["pageviews"]] == ["e1", "e0"]
    assert (latest["session"]["pageviewCount"], latest["text"]) == (3, "A visit with 3 pageviews.")
    assert {step["kind"] for page in latest["pageviews"] for step in page["why"]} >= {"STITCHED", "LINKED"}
    assert {page["userId"] for visit in (latest, first) for page in visit["pageviews"]} != {None}


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_pages_of_a_timeline_follow_each_other(shop: Shop, size: int) -> None:
    whole = [(node["kind"], node["at"]) for node in (await timeline(shop))["nodes"]]
    after, found = None, []
    for _ in range(len(whole)):
        answer = await timeline(shop, size, after)
        found += [(node["kind"], node["at"]) for node in answer["nodes"]]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    assert found == whole


async def test_a_page_of_a_timeline_costs_as_many_queries_however_many_visits_it_has(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, asked = Events.ask, []

    def counted(self: Events, question: str, **bound: Any) -> Any:
        asked.append(question)
        return ask(self, question, **bound)

    monkeypatch.setattr(Events, "ask", counted)
    await timeline(shop, 20)
    whole = len(asked)
    assert whole <= 9
    after = (await timeline(shop, len(KINDS) - 1))["pageInfo"]["endCursor"]
    asked.clear()
    (last,) = (await timeline(shop, 1, after))["nodes"]
    assert last["kind"] == "VISIT"
    assert len(asked) == whole


async def test_a_user_without_visits_has_a_timeline_too(shop: Shop) -> None:
    await shop.identify(externalId="ben")
    answer = await shop.ask('{ userTimeline(by: { externalId: "ben" }) { code message data nodes { kind } } }')
    assert (answer["code"], [node["kind"] for node in answer["nodes"]]) == (200, ["KNOWN"])
    nobody = await shop.ask('{ userTimeline(by: { externalId: "nobody" }) { code reason data } }')
    assert (nobody["code"], nobody["reason"], nobody["data"]) == (400, "USER_NOT_FOUND", {})
