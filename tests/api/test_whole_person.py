"""A person asks what is kept: one document with everything that forgetting would erase, on a whole server."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from heropixel.clock import clock
from heropixel.columns import COLUMNS, OF_THE_STORE
from heropixel.directory.tables import metadata
from heropixel.events import DATABASE, Events
from heropixel.identity.whole_person import _theirs
from heropixel.values import camel, date_time
from tests.api.inside import Shop, new_shop, opened_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

V, W = "hp1." + "a" * 32, "hp1." + "b" * 32
DATA = "query ($by: UserSelector!, $first: Int!, $after: String) { userData(by: $by, first: $first, after: $after) {"
DATA += " code message reason data pageviewCount pageInfo { hasNextPage endCursor } } }"
FORGET = "mutation ($by: UserSelector!) { forget(by: $by) { code } }"
FULL = {
    "url": "https://ann.example.com/ann?q=ann",
    "canonical": "https://ann.example.com/canonical",
    "title": "Ann's page",
    "description": "About Ann",
    "referrer": "https://ann-friend.example.net/",
    "language": "de",
    "timezone": "Europe/Zurich",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "clientHints": '"Ann";v="1"',
    "screen": "800x600",
    "viewport": "700x500",
    "country": "CH",
    "region": "CH-BE",
    "city": "Bern",
    "utmSource": "ann-source",
    "utmMedium": "ann-medium",
    "utmCampaign": "ann-campaign",
    "utmTerm": "ann-term",
    "utmContent": "ann-content",
    "sessionId": "session-of-ann",
    "consent": True,
    "properties": {"cart": ["ann's tea"]},
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with opened_server(tmp_path_factory.mktemp("data-of-a-person") / "data") as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def shop(server: Any) -> Shop:
    return await new_shop(server)


async def data_of(shop: Shop, first: int = 1_000, after: str | None = None, **by: str) -> Any:
    await shop.settle()
    return await shop.ask(DATA, by=by, first=first, after=after)


async def lead_a_life(shop: Shop) -> None:
    """Everything that can be kept of a person, and of another one whose telephone number she shares."""
    await shop.pageview(eventId="before", visitorId=V, **FULL)
    await shop.identify(externalId="ann", traits={"plan": "pro", "name": "Ann Lee", "orders": [1, {"of": "tea"}]})
    await shop.pageview(eventId="mail", visitorId=V, email="Ann.Lee+shop@gmail.com", **FULL)
    await shop.identify(externalId="ann", email="ann.lee+shop@gmail.com", phone="+14155550100")
    await shop.identify(externalId="ann", md5="12" * 16)
    await shop.pageview(eventId="again", md5="12" * 16)
    await shop.identify(externalId="ben", phone="+14155550100")
    await shop.take_file({"eventId": "old", "externalId": "ann", "timestamp": clock() - 90 * 86_400_000})
    await shop.pageview(eventId="link", visitorId=W, externalId="ann")
    await shop.pageview(eventId="taken", visitorId=W)
    await shop.settle()
    unlink = 'mutation ($v: String!) { unlink(by: { externalId: "ann" }, visitorId: $v) { code unlink { id } } }'
    assert (await shop.ask(unlink, v=W))["code"] == 200
    suppress = "mutation ($contacts: [ContactInput!]!) { suppress(contacts: $contacts) { code } }"
    contacts = [{"email": "ann.lee+shop@gmail.com", "reason": "she asked for it"}]
    assert (await shop.ask(suppress, contacts=contacts))["code"] == 200
    await shop.settle()


def tables_of_directory(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    connection = shop.parts.stores.directory.another().connection
    return {
        name: [dict(row) for row in connection.execute(table.select()).mappings()]
        for name, table in metadata.tables.items()
    }


def tables_of_events(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    folder = str(shop.parts.stores.directory.connection.engine.url.database).replace("directory.sqlite3", "events")
    events = Events(f"chdb://{folder}")
    try:
        tables: dict[str, list[dict[str, Any]]] = {}
        for table in ("pageviews", "links FINAL"):
            names = [
                name for (name,) in events.ask(f"SELECT name FROM system.columns WHERE table = '{table.split()[0]}'")
            ]
            rows = events.ask(f"SELECT {', '.join(names)} FROM {DATABASE}.{table} WHERE app = {shop.number}")
            tables[table.split()[0]] = [dict(zip(names, row, strict=True)) for row in rows]
        return tables
    finally:
        events.close()


def erased(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """The columns and values that rows of a table have lost, or that went with their rows."""
    key = next((name for name in ("journal_position", "id") if before and name in before[0]), None)
    left = {row[key]: row for row in after} if key else {}
    for row in before:
        if key and row[key] in left:
            yield from ((name, value) for name, value in row.items() if left[row[key]][name] != value)
        elif row not in after:
            yield from row.items()


def texts_of(value: Any) -> Iterator[str]:
    """Every value of a document, as text."""
    match value:
        case dict():
            for inner in value.values():
                yield from texts_of(inner)
            yield json.dumps(value, sort_keys=True)
        case list():
            for inner in value:
                yield from texts_of(inner)
            yield json.dumps(value, sort_keys=True)
        case _:
            yield str(value)


def may_be_shown_as(value: Any) -> set[str]:
    shown = {str(value)}
    match value:
        case bytes():
            shown.add(value.hex())
        case bool():
            shown.add(str(value))
        case int() if 0 < value < 10**15:
            shown.add(str(date_time(value)))
        case str() if value[:1] in "{[" and value:
            shown.add(json.dumps(json.loads(value), sort_keys=True))
            shown |= set(texts_of(json.loads(value)))
    return shown


async def test_the_document_has_every_value_that_forgetting_erases_from_any_table(shop: Shop) -> None:
    await lead_a_life(shop)
    answer = await data_of(shop, externalId="ann")
    assert (answer["code"], answer["pageviewCount"], answer["pageInfo"]["hasNextPage"]) == (200, 5, False)
    before = {**tables_of_directory(shop), **tables_of_events(shop)}
    assert (await shop.ask(FORGET, by={"externalId": "ann"}))["code"] == 200
    await shop.settle()
    after = {**tables_of_directory(shop), **tables_of_events(shop)}
    document = set(texts_of(answer["data"]))
    lost = {
        f"{table}.{name}": value for table in before for name, value in erased(before[table], after[table]) if value
    }
    when = {f"links.{name}" for name in ("linked_at",)} | {"pageviews.timestamp", "pageviews.received"}
    missing = {
        name: value for name, value in lost.items() if name not in when and may_be_shown_as(value).isdisjoint(document)
    }
    assert missing == {}
    tables = {"users", "contacts", "identifiers", "pairs", "unreliable", "merges", "suppressions", "unlinks"}
    tables |= {"pageviews", "links"}
    assert {name.partition(".")[0] for name in lost} == tables, "she had something in each"
    personal = {name for name, column in COLUMNS.items() if column.personal}
    assert {f"pageviews.{name}" for name in personal} <= lost.keys() | {"pageviews.unlinked_from"}


async def test_the_document_names_every_column_of_every_table(shop: Shop) -> None:
    await lead_a_life(shop)
    document = (await data_of(shop, externalId="ann"))["data"]
    for table in _theirs([1], [b""], [b""]):
        for row in document[camel(table.name)]:
            assert row.keys() == {camel(column.name) for column in table.columns}
    named = {name for row in document["pageviews"] for name in row}
    empty_here = {"bot", "botReasons", "osVersion", "browserVersion"}
    assert {camel(name) for name in {**COLUMNS, **OF_THE_STORE}} - empty_here <= named
    (old,) = [row for row in document["pageviews"] if row["eventId"] == "old"]
    assert (old["imported"], old["matchedOn"]) == (1, "EXTERNAL_ID")


async def test_the_document_has_nothing_of_another_person(shop: Shop) -> None:
    await lead_a_life(shop)
    await shop.identify(externalId="zorro", email="zorro@example.com", visitorId="v-of-zorro", traits={"of": "zorro"})
    await shop.pageview(eventId="of-zorro", externalId="zorro", title="Zorro's")
    text = json.dumps((await data_of(shop, externalId="ann"))["data"])
    assert "zorro" not in text.lower()
    assert "ben" not in text.lower()


async def test_a_person_with_many_pageviews_is_answered_in_pages(shop: Shop) -> None:
    await shop.identify(externalId="ann")
    for number in range(7):
        await shop.pageview(eventId=f"e{number}", externalId="ann")
    after, seen = None, []
    for _ in range(3):
        answer = await data_of(shop, first=3, after=after, externalId="ann")
        assert answer["pageviewCount"] == 7
        seen += [row["eventId"] for row in answer["data"]["pageviews"]]
        after = answer["pageInfo"]["endCursor"]
    assert not answer["pageInfo"]["hasNextPage"]
    assert sorted(seen) == [f"e{number}" for number in range(7)]
    refused = await data_of(shop, first=10_001, externalId="ann")
    assert (refused["code"], refused["reason"], refused["data"]) == (400, "INVALID_PAGE", {})


async def test_nobody_has_no_document(shop: Shop) -> None:
    answer = await data_of(shop, email="nobody@example.com")
    assert (answer["code"], answer["reason"], answer["data"]) == (400, "USER_NOT_FOUND", {})
