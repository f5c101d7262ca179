"""A browser is taken from a person and given back, on a whole server in this process."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.directory.unlinks import find_unlink
from heropixel.reports.reporting import ReportingHere
from tests.api.inside import Shop, new_shop, opened_server
from tests.session.examples import examples

pytestmark = pytest.mark.asyncio(loop_scope="module")

V, W = "hp1." + "a" * 32, "hp1." + "b" * 32

UNLINK = """mutation ($by: UserSelector!, $v: String!) { unlink(by: $by, visitorId: $v) {
  code message reason data unlink { id userId visitorId origin unlinkedAt undoneAt liftedAt pageviewCount done } } }"""
RELINK = "mutation ($id: ID!) { relink(id: $id) { code message reason unlink { id undoneAt done } } }"
OF_USER = "query ($by: UserSelector!) { userPageviews(by: $by) { totalCount nodes { eventId why { kind } } } }"
SESSIONS = "query ($by: UserSelector!) { userSessions(by: $by) { nodes { startedAt endedAt pageviewCount } } }"
SEEN = "query ($by: UserSelector!) { user(by: $by) { user { id pageviewCount sessionCount lastSeen } browsers {"
SEEN += " visitorId linkedAt linkedBy key } } }"
OF_PIXEL = "query ($ids: [Int!]!) { pageviews(pixelIds: $ids) { nodes { eventId userId visitorId why { kind at } } } }"
REPORT = """query ($report: ReportInput!) { report(report: $report) {
  rows { user pageviews visitors { count basis } identifiedVisitors sessions }
  totals { pageviews visitors { count basis } identifiedVisitors matchRate } } }"""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with opened_server(tmp_path_factory.mktemp("unlinks") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def shop(server: Any) -> Shop:
    return await new_shop(server)


async def unlink(shop: Shop, visitor: str = V, **by: str) -> Any:
    """The answer, and the event store has followed."""
    await shop.settle()
    answer = await shop.ask(UNLINK, by=by, v=visitor)
    await shop.settle()
    return answer


async def hers(shop: Shop, **by: str) -> list[str]:
    await shop.settle()
    answer = await shop.ask(OF_USER, by=by)
    assert answer["totalCount"] == len(answer["nodes"])
    return sorted(node["eventId"] for node in answer["nodes"])


async def picture(shop: Shop, person: str, *others: str) -> list[Any]:
    """Every list and figure that shows whose the pageviews are; of others those that may have what was hers."""
    await shop.settle()
    assert isinstance(shop.engine.reporting, ReportingHere)
    shop.engine.reporting._people._clear()  # they are kept for seconds
    report = {
        "pixelIds": [shop.pixel],
        "range": {"name": "LAST_30_DAYS"},
        "dimensions": ["USER"],
        "metrics": ["PAGEVIEWS", "VISITORS", "IDENTIFIED_VISITORS", "SESSIONS"],
    }
    of_all = [await shop.ask(OF_PIXEL, ids=[shop.pixel]), await shop.ask(REPORT, report=report)]
    of_person = [await shop.ask(query, by={"externalId": person}) for query in (OF_USER, SESSIONS, SEEN)]
    return [*of_all, *of_person, *[await shop.ask(OF_USER, by={"externalId": other}) for other in others]]


async def visits(shop: Shop) -> None:
    """Ann's browser: before she was known, when she said who she was, and after."""
    await shop.pageview(eventId="before", visitorId=V)
    await shop.identify(externalId="ann", email="ann@example.com")
    await shop.pageview(eventId="link", visitorId=V, email="ann@example.com")
    await shop.pageview(eventId="after", visitorId=V)
    await shop.pageview(eventId="elsewhere", externalId="ann")


async def test_a_browser_is_taken_from_a_person_with_what_it_alone_had_stitched(shop: Shop) -> None:
    await visits(shop)
    assert await hers(shop, externalId="ann") == ["after", "before", "elsewhere", "link"]
    answer = await unlink(shop, externalId="ann")
    assert (answer["code"], answer["message"]) == (200, "Browser unlinked")
    assert await hers(shop, externalId="ann") == ["elsewhere", "link"], "which name her by her address and her id"
    listed = await shop.ask(OF_PIXEL, ids=[shop.pixel])
    users = {node["eventId"]: node["userId"] for node in listed["nodes"]}
    assert [name for name, user in users.items() if user] == ["elsewhere", "link"]
    why = {node["eventId"]: [step["kind"] for step in node["why"]] for node in listed["nodes"]}
    assert why == {"before": [], "after": ["UNLINKED"], "link": ["UNLINKED", "NAMED"], "elsewhere": ["NAMED"]}
    assert (await shop.pageview(visitorId=V))["message"] == "User Not Found"


async def test_an_unlink_is_counted_and_listed(shop: Shop) -> None:
    await visits(shop)
    answer = await unlink(shop, externalId="ann")
    listed = await shop.ask(
        'query { user(by: { externalId: "ann" }) { user { id } browsers { visitorId } '
        "unlinks { id userId visitorId origin unlinkedAt undoneAt liftedAt pageviewCount done } } }"
    )
    (told,) = listed["unlinks"]
    followed = {"done": True, "pageviewCount": 2}  # the answer may be earlier
    assert told == {**answer["unlink"], **followed}
    assert (told["visitorId"], told["userId"], told["origin"]) == (V, listed["user"]["id"], "API")
    assert listed["browsers"] == []


@pytest.mark.parametrize(
    "again",
    [{"email": "ann@example.com"}, {"externalId": "ann"}, {"sha256": None}],
    ids=["email", "externalId", "digest"],
)
async def test_the_same_browser_is_not_linked_again_by_a_pageview(shop: Shop, again: dict[str, Any]) -> None:
    await visits(shop)
    await unlink(shop, externalId="ann")
    if "sha256" in again:
        from hashlib import sha256

        again = {"sha256": sha256(b"ann@example.com").hexdigest()}
    for event_id in ("again-1", "again-2"):
        assert (await shop.pageview(eventId=event_id, visitorId=V, **again))["message"] == "User Found"
    assert (await shop.pageview(eventId="alone", visitorId=V))["message"] == "User Not Found"
    assert await hers(shop, externalId="ann") == ["again-1", "again-2", "elsewhere", "link"]


async def test_the_browser_can_be_linked_to_somebody_else(shop: Shop) -> None:
    await visits(shop)
    await unlink(shop, externalId="ann")
    await shop.identify(externalId="ben")
    await shop.pageview(eventId="bens", visitorId=V, externalId="ben")
    assert await hers(shop, externalId="ben") == ["after", "before", "bens"], "its history is anonymous, and now his"
    assert await hers(shop, externalId="ann") == ["elsewhere", "link"]


@pytest.mark.parametrize("settled", [True, False])
async def test_identify_with_both_links_the_browser_again(shop: Shop, *, settled: bool) -> None:
    """Also before the event store has followed."""
    await visits(shop)
    await shop.settle()
    answer = await shop.ask(UNLINK, by={"externalId": "ann"}, v=V)
    if settled:
        await shop.settle()
    await shop.identify(externalId="ann", visitorId=V)
    await shop.pageview(eventId="again", visitorId=V)
    assert await hers(shop, externalId="ann") == ["after", "again", "before", "elsewhere", "link"]
    number = int(answer["unlink"]["id"])
    found = await shop.parts.directory.read(lambda connection: find_unlink(connection, shop.number, number))
    assert found
    assert found.lifted_at
    await shop.pageview(eventId="link-2", visitorId=V, email="ann@example.com")
    assert (await shop.pageview(visitorId=V))["message"] == "User Found"


async def test_unlink_then_undo_gives_the_same_figures_and_lists_as_before(shop: Shop) -> None:
    await visits(shop)
    before = await picture(shop, "ann")
    answer = await unlink(shop, externalId="ann")
    assert await picture(shop, "ann") != before
    undone = await shop.ask(RELINK, id=answer["unlink"]["id"])
    assert (undone["code"], undone["message"]) == (200, "Browser linked again")
    assert await picture(shop, "ann") == before
    assert (await shop.pageview(visitorId=V))["message"] == "User Found"
    again = await shop.ask(RELINK, id=answer["unlink"]["id"])
    assert (again["code"], again["reason"]) == (400, "UNLINK_NOT_FOUND")


_SENT = st.fixed_dictionaries(
    {},
    optional={
        "visitorId": st.sampled_from([V, W]),
        "who": st.sampled_from([{"externalId": "ann"}, {"email": "ann@example.com"}, {"externalId": "ben"}]),
        "by": st.sampled_from(["pageview", "identify", "file"]),
    },
)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(_SENT, min_size=1, max_size=8), visitor=st.sampled_from([V, W]), wait=st.booleans())
async def test_unlink_then_undo_gives_the_same_after_any_calls(
    server: Any, sent: list[dict[str, Any]], visitor: str, *, wait: bool
) -> None:
    shop = await new_shop(server)
    await shop.identify(externalId="ann")
    await shop.identify(externalId="ben")
    for number, call in enumerate(sent):
        who = {**call.get("who", {}), **({"visitorId": call["visitorId"]} if "visitorId" in call else {})}
        way = call.get("by", "pageview")
        if way == "identify" and "who" in call:
            await shop.identify(**{"externalId": "ann", **who})
        elif way == "file":
            await shop.take_file({"eventId": f"f{number}", "timestamp": 1_790_000_000 + number, **who})
        else:
            await shop.pageview(eventId=f"e{number}", **who)
    before = await picture(shop, "ann", "ben")
    answer = await shop.ask(UNLINK, by={"externalId": "ann"}, v=visitor)
    if answer["code"] == 400:
        assert answer["reason"] == "LINK_NOT_FOUND"
        return
    if wait:
        await shop.settle()
        assert visitor not in str((await shop.ask(SEEN, by={"externalId": "ann"}))["browsers"])
    assert (await shop.ask(RELINK, id=answer["unlink"]["id"]))["code"] == 200
    assert await picture(shop, "ann", "ben") == before


async def test_a_browser_of_a_merged_user_is_taken_from_the_person(shop: Shop) -> None:
    await shop.identify(externalId="ann")
    await shop.pageview(eventId="link", visitorId=V, email="ann@example.com")
    await shop.pageview(eventId="alone", visitorId=V)
    await shop.identify(externalId="ann", email="ann@example.com")
    before = await picture(shop, "ann")
    answer = await unlink(shop, externalId="ann")
    assert await hers(shop, externalId="ann") == ["link"]
    await shop.pageview(eventId="again", visitorId=V, externalId="ann")
    assert (await shop.pageview(eventId="nobody", visitorId=V))["message"] == "User Not Found"
    await shop.ask(RELINK, id=answer["unlink"]["id"])
    assert {"link", "alone", "again", "nobody"} == {*await hers(shop, externalId="ann")}
    assert before


async def test_forgetting_a_person_forgets_the_browsers_that_were_taken_from_them(shop: Shop) -> None:
    await visits(shop)
    answer = await unlink(shop, externalId="ann")
    receipt = await shop.ask(
        'mutation { forget(by: { externalId: "ann" }) { code erasure { id erased { unlinks pageviews } } } }'
    )
    await shop.settle()
    assert receipt["erasure"]["erased"]["unlinks"] == 1
    listed = await shop.ask(OF_PIXEL, ids=[shop.pixel])
    assert {step["kind"] for node in listed["nodes"] for step in node["why"]} == set()
    assert (await shop.ask(RELINK, id=answer["unlink"]["id"]))["reason"] == "UNLINK_NOT_FOUND"


@pytest.mark.parametrize(
    ("by", "visitor", "reason"),
    [
        ({"externalId": "ann"}, W, "LINK_NOT_FOUND"),
        ({"externalId": "ann"}, "", "IDENTIFIER_MISSING"),
        ({"externalId": "ann"}, "undefined", "PLACEHOLDER_IDENTIFIER"),
        ({"externalId": "nobody"}, V, "USER_NOT_FOUND"),
        ({}, V, "INVALID_SELECTOR"),
    ],
)
async def test_what_cannot_be_unlinked_is_refused_with_a_reason(
    shop: Shop, by: dict[str, str], visitor: str, reason: str
) -> None:
    await visits(shop)
    await shop.pageview(visitorId=W)
    answer = await unlink(shop, visitor, **by)
    assert (answer["code"], answer["reason"], answer["unlink"], answer["data"]) == (400, reason, None, {})


async def test_another_app_cannot_undo_an_unlink(server: Any, shop: Shop) -> None:
    await visits(shop)
    answer = await unlink(shop, externalId="ann")
    other = await new_shop(server)
    assert (await other.ask(RELINK, id=answer["unlink"]["id"]))["reason"] == "UNLINK_NOT_FOUND"
