"""Why a pageview is a person's, as lists say it, on a whole server in this process."""

import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import pytest
import pytest_asyncio

from heropixel.api.live import shown
from heropixel.clock import clock
from heropixel.columns import Row
from heropixel.directory.link_evidence import LinkedBy, packed, unpacked
from heropixel.events import DATABASE, Events
from heropixel.events.store import EVIDENCE
from heropixel.values import milliseconds
from tests.api.inside import Shop, new_shop, opened_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

STEP = "kind text at key normalisation visitorId userId linkedBy mergeId mergedBy keys"
OF_USER = f"query ($by: UserSelector!) {{ userPageviews(by: $by) {{ code nodes {{ eventId why {{ {STEP} }} }} }} }}"
OF_PIXEL = f"query ($ids: [Int!]!) {{ pageviews(pixelIds: $ids) {{ code nodes {{ eventId why {{ {STEP} }} }} }} }}"
BROWSER = "hp1." + "a" * 32


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with opened_server(tmp_path_factory.mktemp("why") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def shop(server: Any) -> Shop:
    return await new_shop(server)


async def why(shop: Shop, **by: str) -> dict[str, list[dict[str, Any]]]:
    """The steps of each pageview of a user, without what is null, by event id; the same in both lists."""
    await shop.settle()
    both = [
        {node["eventId"]: [_given(step) for step in node["why"]] for node in answer["nodes"]}
        for answer in (await shop.ask(OF_USER, by=by), await shop.ask(OF_PIXEL, ids=[shop.pixel]))
    ]
    of_user, of_pixel = both
    assert of_user == {event_id: of_pixel.get(event_id, steps) for event_id, steps in of_user.items()}
    return of_user


def _given(step: dict[str, Any]) -> dict[str, Any]:
    assert step["text"].endswith("."), "one plain sentence each"
    return {name: value for name, value in step.items() if value is not None and name != "text"}


def kinds(steps: list[dict[str, Any]]) -> list[str]:
    return [step["kind"] for step in steps]


@pytest.mark.parametrize(
    ("sent", "step"),
    [
        ({"email": "Ann@Gmail.com"}, {"key": "EMAIL", "normalisation": "STRICT"}),
        ({"md5": "b29c4c63fc46e46e3ec5d4b4b6d3b4ae"}, None),
        ({"externalId": "ann"}, {"key": "EXTERNAL_ID"}),
        ({"phone": "+14155550100"}, {"key": "PHONE"}),
    ],
    ids=["email", "unknown digest", "externalId", "phone"],
)
async def test_why_says_by_which_key_the_pageview_itself_named_her(
    shop: Shop, sent: dict[str, str], step: dict[str, Any] | None
) -> None:
    await shop.identify(email="ann@gmail.com", externalId="ann", phone="+14155550100")
    await shop.pageview(eventId="e", **sent)
    steps = (await why(shop, externalId="ann")).get("e")
    assert steps == (None if step is None else [{"kind": "NAMED", **step}])


async def test_why_says_which_normalisation_of_a_digest_matched(shop: Shop) -> None:
    await shop.identify(email="ann.lee+shop@gmail.com", externalId="ann")
    await shop.pageview(eventId="e", sha256=sha256(b"annlee@gmail.com").hexdigest())
    (step,) = (await why(shop, externalId="ann"))["e"]
    assert step == {"kind": "NAMED", "key": "SHA256", "normalisation": "UID2"}


async def test_why_says_that_a_pageview_has_learned_the_user(shop: Shop) -> None:
    await shop.pageview(eventId="e", email="new@example.com")
    assert (await why(shop, email="new@example.com"))["e"] == [{"kind": "LEARNED", "key": "EMAIL"}]


async def test_why_says_when_and_by_what_the_visitor_was_linked(shop: Shop) -> None:
    """Before the link the pageview was anonymous. After it, the browser was recognised."""
    await shop.pageview(eventId="before", visitorId=BROWSER)
    await shop.identify(externalId="ann", email="ann@example.com")
    linked_at = clock()
    await shop.pageview(eventId="link", visitorId=BROWSER, email="ann@example.com")
    await shop.pageview(eventId="after", visitorId=BROWSER)
    steps = await why(shop, externalId="ann")
    assert [kinds(steps[name]) for name in ("before", "link", "after")] == [
        ["STITCHED", "LINKED"],
        ["NAMED"],
        ["RECOGNISED", "LINKED"],
    ]
    link = steps["before"][1]
    assert steps["after"][1] == link
    assert (link["visitorId"], link["linkedBy"], link["key"]) == (BROWSER, "PAGEVIEW", "EMAIL")
    assert abs(milliseconds(link["at"]) - linked_at) < 60_000


@pytest.mark.parametrize(("key", "value"), [("email", "ann@example.com"), ("externalId", "ann")])
async def test_why_says_that_identify_has_linked_the_visitor(shop: Shop, key: str, value: str) -> None:
    await shop.pageview(eventId="before", visitorId=BROWSER)
    await shop.identify(visitorId=BROWSER, **{key: value})
    _, link = (await why(shop, **{key: value}))["before"]
    assert (link["linkedBy"], link["key"]) == ("IDENTIFY", {"email": "EMAIL", "externalId": "EXTERNAL_ID"}[key])


async def test_why_says_when_and_by_what_users_were_merged_and_unmerge_is_one_step_away(shop: Shop) -> None:
    await shop.identify(externalId="ann")
    await shop.pageview(eventId="of-mail", email="ann@example.com")
    merge = (await shop.identify(externalId="ann", email="ann@example.com"))["merges"][0]["id"]
    await shop.pageview(eventId="of-id", externalId="ann")
    steps = await why(shop, externalId="ann")
    learned, merged = steps["of-mail"]
    assert (learned["kind"], merged["kind"], merged["mergeId"], merged["mergedBy"]) == (
        "LEARNED",
        "MERGED",
        merge,
        "API",
    )
    assert sorted(merged["keys"]) == ["EMAIL", "EXTERNAL_ID"]
    assert kinds(steps["of-id"]) == ["NAMED"]
    await shop.ask("mutation ($id: ID!) { unmerge(id: $id) { code } }", id=merged["mergeId"])
    assert list(await why(shop, externalId="ann")) == ["of-id"]
    assert kinds((await why(shop, email="ann@example.com"))["of-mail"]) == ["LEARNED"]


async def test_why_says_that_a_pageview_was_imported(shop: Shop) -> None:
    await shop.identify(externalId="ann")
    await shop.take_file(
        {"eventId": "old", "externalId": "ann", "visitorId": BROWSER, "timestamp": clock() - 86_400_000}
    )
    await shop.pageview(eventId="new", visitorId=BROWSER)
    steps = await why(shop, externalId="ann")
    assert kinds(steps["old"]) == ["IMPORTED", "NAMED"]
    assert steps["new"][1]["linkedBy"] == "IMPORTED_PAGEVIEW"


async def test_a_pageview_without_a_user_has_no_evidence(shop: Shop) -> None:
    await shop.pageview(eventId="nobody", visitorId=BROWSER)
    await shop.settle()
    answer = await shop.ask(OF_PIXEL, ids=[shop.pixel])
    assert answer["nodes"] == [{"eventId": "nobody", "why": []}]


async def test_why_costs_two_queries_and_two_statements_for_a_page_of_any_size(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.identify(externalId="ann", visitorId=BROWSER)
    for _ in range(30):
        await shop.pageview(visitorId=BROWSER)
    await shop.settle()
    asked: list[str] = []
    ask = Events.ask

    def counted(self: Events, question: str, **bound: Any) -> Any:
        asked.append(question)
        return ask(self, question, **bound)

    monkeypatch.setattr(Events, "ask", counted)
    cost = {}
    for size in (1, 30):
        for fields in ("eventId", "why { kind }"):
            asked.clear()
            answer = await shop.ask(
                f'{{ userPageviews(by: {{ externalId: "ann" }}, first: {size}) {{ nodes {{ {fields} }} }} }}'
            )
            assert len(answer["nodes"]) == size
            cost[size, fields] = len(asked)
    assert cost[30, "why { kind }"] == cost[1, "why { kind }"] == cost[1, "eventId"] + 2


async def test_a_subscription_sends_what_the_pageview_itself_shows() -> None:
    row = Row(
        1, 1, "0", "0", "e", "example.com", user_id=5, resolution="FOUND", matched_on="MD5", normalisation="GOOGLE"
    )
    (step,) = shown(row)["why"]
    assert (step["kind"], step["key"], step["normalisation"]) == ("NAMED", "MD5", "GOOGLE")
    assert shown(Row(1, 1, "0", "0", "e", "example.com"))["why"] == []


@pytest.mark.parametrize("by", list(LinkedBy))
@pytest.mark.parametrize("key", ["EMAIL", "PHONE", ""])
async def test_evidence_is_a_number_of_which_the_earliest_is_the_largest(by: LinkedBy, key: str) -> None:
    at = 1_800_000_000_123
    found = unpacked(packed(by, key, at))
    assert found == (by, key or None, at)
    assert packed(by, key, at) > max(packed(each, "PHONE", at + 1) for each in LinkedBy)
    assert unpacked(0) is None


async def test_the_event_store_makes_the_same_number_of_a_pageview(server: Any) -> None:
    """Also of those before there was evidence: the change of the table that does it, once more."""
    from heropixel.events import migrations

    at = 1_700_000_000_000
    row = {"app": 77, "pixel_id": 77, "timestamp": str(at), "received": str(at + 5), "domain": "example.com"}
    row |= {"user_id": 7, "resolution": "FOUND", "matched_on": "SHA1", "event_id": "beacon:1", "visitor_id": "v"}
    events = Events(
        f"chdb://{server[0].parts.stores.directory._engine.url.database}".replace("directory.sqlite3", "events")
    )
    try:
        events.insert(json.dumps({**row, "journal_position": 770_001}).encode(), "evidence")
        wanted = packed(LinkedBy.BROWSER_PAGEVIEW, "SHA1", at)
        question = f"SELECT max(evidence) FROM {DATABASE}.links WHERE app = 77"
        assert events.ask(question) == [(wanted,)]
        assert events.ask(f"SELECT {EVIDENCE} FROM {DATABASE}.pageviews WHERE app = 77") == [(wanted,)]
        events.change(f"ALTER TABLE {DATABASE}.links UPDATE evidence = 0 WHERE app = 77")
        (statement,) = [text for _, name, text in migrations() if name == "0025_evidence_that_was.sql"]
        events.change(statement.replace("{database}", DATABASE))
        assert events.ask(question) == [(wanted,)]
    finally:
        events.close()
