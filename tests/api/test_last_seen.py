"""The people view of a dashboard in one request: who was seen last, who was here, and one box to search."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from heropixel.clock import clock
from tests.api.inside import Shop, new_shop, opened_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

V = "hp1." + "a" * 32
MINUTE = 60_000
LIST = """query ($first: Int!, $after: String, $search: UserSearch, $seen: SeenInput) {
  users(first: $first, after: $after, orderBy: LAST_SEEN, search: $search, seen: $seen) {
    code reason message totalCount pageInfo { hasNextPage endCursor }
    nodes { id externalId name emails lastSeen pageviewCount sessionCount
      seenInRange { pageviewCount lastSeen } } } }"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Six people: Ann was here last, Ben an hour ago as an anonymous visitor, and two never."""
    async with opened_server(tmp_path_factory.mktemp("last-seen") / "data") as server:
        shop = await new_shop(server)
        now = clock()
        for name in ("dan", "ann", "ben", "eva", "fay", "gus"):
            traits = {"name": f"{name.title()} Müller", "plan": {"is": "pro" if name in "annben" else "free"}}
            await shop.identify(externalId=name, email=f"{name}@example.com", traits=traits)
        await shop.identify(
            externalId="gus", traits={"name": None, "first_name": "GUS", "last_name": "ÖZIL", "no": 4711}
        )
        await shop.pageview(externalId="dan", timestamp=now - 90 * MINUTE, url="https://example.com/tea")
        await shop.pageview(visitorId=V, timestamp=now - 60 * MINUTE, url="https://example.com/tea")
        await shop.pageview(externalId="eva", timestamp=now - 70 * MINUTE)
        await shop.pageview(externalId="ann", timestamp=now - 5 * 86_400_000, url="https://example.com/tea")
        await shop.pageview(externalId="ann", timestamp=now - MINUTE)
        await shop.identify(externalId="ben", visitorId=V)
        await shop.identify(externalId="gus", email="dan@example.com")  # one person, whose older id stays
        await shop.settle()
        yield shop


async def listed(shop: Shop, first: int = 10, after: str | None = None, **more: Any) -> Any:
    answer = await shop.ask(LIST, first=first, after=after, **more)
    assert answer["code"] == 200, answer
    return answer


def names(answer: Any) -> list[str]:
    return [node["externalId"] for node in answer["nodes"]]


async def test_who_was_seen_last_comes_first_and_who_never_was_comes_last(shop: Shop) -> None:
    answer = await listed(shop)
    assert names(answer) == ["ann", "ben", "eva", "dan", "fay"]
    assert answer["totalCount"] == 5
    seen = [node["lastSeen"] for node in answer["nodes"]]
    assert seen[:4] == sorted(seen[:4], reverse=True)
    assert seen[4] is None
    assert [node["name"] for node in answer["nodes"]][:2] == ["Ann Müller", "Ben Müller"]
    assert (answer["nodes"][0]["pageviewCount"], answer["nodes"][0]["sessionCount"]) == (2, 2)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
async def test_pages_of_the_list_follow_each_other(shop: Shop, size: int) -> None:
    after, found = None, []
    while True:
        answer = await listed(shop, size, after)
        found += names(answer)
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    assert found == ["ann", "ben", "eva", "dan", "fay"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann", ["ann"]),
        ("ANN", ["ann"]),
        ("ben@exam", ["ben"]),
        ("müller", ["ann", "ben", "eva", "dan", "fay"]),
        ("MÜLLER eva", ["eva"]),
        ("özil", ["dan"]),  # of a user who was merged
        ("gus özil", ["dan"]),
        ("4711", ["dan"]),
        ("free", ["eva", "dan", "fay"]),  # a value within a value
        ("plan", []),  # the name of a trait is no value
        ("nobody", []),
        ('"', []),
        ("%", []),
        (" ", ["ann", "ben", "eva", "dan", "fay"]),
    ],
)
async def test_one_box_finds_by_name_email_and_trait(shop: Shop, text: str, found: list[str]) -> None:
    answer = await listed(shop, search={"text": text})
    assert names(answer) == found
    assert answer["totalCount"] == len(found)
    oldest = await shop.ask("query ($s: UserSearch) { users(search: $s) { nodes { externalId } } }", s={"text": text})
    assert sorted(names(oldest)) == sorted(found)


async def test_who_was_here_in_this_period_with_these_filters(shop: Shop) -> None:
    tea = {"on": {"dimension": "PAGE", "is": ["/tea"]}}
    here = {"pixelIds": [shop.pixel], "range": {"name": "LAST_30_DAYS"}}
    assert names(await listed(shop, seen=here)) == ["ann", "ben", "eva", "dan"]
    answer = await listed(shop, seen={**here, "filter": tea})
    assert names(answer) == ["ben", "dan", "ann"]
    assert answer["totalCount"] == 3
    ann = answer["nodes"][2]
    assert (ann["pageviewCount"], ann["seenInRange"]["pageviewCount"]) == (2, 1)
    assert ann["seenInRange"]["lastSeen"] < ann["lastSeen"]
    today = {**here, "range": {"from": clock() - 80 * MINUTE, "to": clock()}}
    assert names(await listed(shop, seen=today)) == ["ann", "ben", "eva"]
    assert names(await listed(shop, seen=today, search={"text": "müller b"})) == ["ben"]
    first = await listed(shop, 1, seen=today)
    assert names(await listed(shop, 1, first["pageInfo"]["endCursor"], seen=today)) == ["ben"]


async def test_the_users_of_a_report_are_those_who_were_here(shop: Shop) -> None:
    tea = {"on": {"dimension": "PAGE", "is": ["/tea"]}}
    asked = {"pixelIds": [shop.pixel], "range": {"name": "LAST_30_DAYS"}, "filter": tea}
    report = await shop.ask(
        "query ($report: ReportInput!) { report(report: $report) { rows { user pageviews } } }",
        report={**asked, "dimensions": ["USER"], "metrics": ["PAGEVIEWS"]},
    )
    answer = await listed(shop, seen=asked)
    assert {row["user"]: row["pageviews"] for row in report["rows"] if row["user"]} == {
        node["id"]: node["seenInRange"]["pageviewCount"] for node in answer["nodes"]
    }


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"search": {"text": "a b c d e f"}}, "INVALID_SEARCH"),
        ({"search": {"text": "x" * 257}}, "FIELD_TOO_LONG"),
        ({"seen": {"pixelIds": [4711]}}, "PIXEL_NOT_FOUND"),
        ({"seen": {"pixelIds": [1], "timezone": "Nowhere"}}, "INVALID_TIMEZONE"),
        ({"after": "x"}, "INVALID_CURSOR"),
    ],
)
async def test_what_is_wrong_is_refused_with_a_reason(shop: Shop, more: dict[str, Any], reason: str) -> None:
    answer = await shop.ask(LIST, **{"first": 10, **more})
    assert (answer["code"], answer["reason"], answer["nodes"]) == (400, reason, None)


async def test_a_list_without_users_says_how_they_come(shop: Shop) -> None:
    answer = await listed(shop, search={"text": "nobody"})
    assert answer["message"] == "No users; identify, imports and pageviews with an address add them"
