"""Pageviews live: `pageviewRecorded` over WebSocket (graphql-transport-ws) and as server-sent events.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

import asyncio
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.listening import (
    EVENTS,
    SECONDS,
    asked,
    basic,
    new_pixel,
    post,
    post_many,
    socket,
    stream,
    subscribing,
)
from tests.contract.managing import Shop
from tests.world import Server, make_world, running

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
GPT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: what listens and what is dropped is counted."""
    with running(make_world(tmp_path_factory.mktemp("live") / "data"), max_unread="200") as server:
        yield server


# --- What is heard ---


async def test_a_subscriber_sees_a_pageview_after_its_answer(live: Server) -> None:
    async with socket(live) as ws, stream(live) as sse:
        await ws.subscribe()
        event_id = await post(live, url="https://example.com/a")
        expected = {"eventId": event_id, "url": "https://example.com/a"}
        assert (await ws.pageview(), await sse.pageview()) == (expected, expected)


async def test_pageviews_are_received_in_the_order_they_were_recorded(live: Server) -> None:
    ids = [f"{uuid4().hex}-{number}" for number in range(120)]
    async with socket(live) as ws, stream(live) as sse:
        await ws.subscribe()
        for start in range(0, len(ids), 30):
            await post_many(live, ids[start : start + 30])
        assert [(await ws.pageview())["eventId"] for _ in ids] == ids
        assert [(await sse.pageview())["eventId"] for _ in ids] == ids


async def test_a_pageview_has_the_fields_that_lists_have_enriched(live: Server) -> None:
    query = """subscription { live: pageviewRecorded {
        pixelId timestamp domain url path query hostname source channel browser os device bot botReasons utmSource
        visitorId consent properties title rules __typename } }"""
    happened = int(time.time()) - 60
    given = {
        "url": "https://www.example.com/shop?utm_source=news&utm_medium=email",
        "userAgent": CHROME,
        "timestamp": happened,
        "visitorId": "browser-1",
        "properties": {"plan": ["pro", None]},
    }
    async with socket(live) as ws:
        await ws.subscribe("1", query)
        await post(live, **given)
        pageview = (await ws.next())["payload"]["data"]["live"]
    assert pageview.pop("rules")
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(happened))
    assert pageview == {
        "pixelId": 1, "timestamp": at, "domain": "example.com", "url": given["url"], "path": "/shop",
        "query": "utm_source=news&utm_medium=email", "hostname": "www.example.com", "source": "news",
        "channel": "EMAIL", "browser": "Chrome", "os": "Linux", "device": "DESKTOP", "bot": None, "botReasons": [],
        "utmSource": "news",
        "visitorId": "browser-1", "consent": None, "properties": {"plan": ["pro", None]}, "title": None,
        "__typename": "Pageview",
    }  # fmt: skip


async def test_a_pageview_names_the_surviving_user(live: Server) -> None:
    identify = """mutation ($auth: AuthInput, $user: UserInput!) {
        identify(auth: $auth, user: $user) { user { id } } }"""
    names = [f"{uuid4().hex}@example.com" for _ in range(2)]
    for name in names:
        await post(live, email=name)
    merged = await asked(live, identify, user={"emails": names})
    user = merged["identify"]["user"]["id"]
    by_user = {"on": {"dimension": "USER", "is": [user]}}
    async with socket(live) as ws:
        await ws.subscribe("1", EVENTS.replace("eventId url", "userId"), filter=by_user)
        for name in names:
            await post(live, email=name)
            assert await ws.pageview() == {"userId": user}


async def test_whoever_does_not_agree_is_shown_without_a_visitor(live: Server) -> None:
    async with socket(live) as ws:
        await ws.subscribe("1", "subscription { pageviewRecorded { userId visitorId sessionId consent } }")
        await post(live, visitorId="browser-1", sessionId="visit-1", email="anna@example.com", consent=False)
        assert await ws.pageview() == {"userId": None, "visitorId": None, "sessionId": None, "consent": False}


@pytest.mark.parametrize(
    "selection",
    ["... on Pageview { eventId url }", "...f", "eventId url @include(if: true)", "eventId ... { url }"],
)
async def test_any_selection_is_answered(live: Server, selection: str) -> None:
    fragment = " fragment f on Pageview { eventId url }" if selection == "...f" else ""
    async with socket(live) as ws:
        await ws.subscribe("1", f"subscription {{ pageviewRecorded {{ {selection} }} }}{fragment}")
        event_id = await post(live, url="https://example.com/")
        assert await ws.pageview() == {"eventId": event_id, "url": "https://example.com/"}


FILTERS = [
    ({"on": {"dimension": "PAGE", "wildcard": ["/shop/*"]}}, ["shop"]),
    ({"on": {"dimension": "PAGE", "isNot": ["/shop/1"]}}, ["search", "start"]),
    ({"on": {"dimension": "PAGEVIEW_CHANNEL", "is": ["ORGANIC_SEARCH"]}}, ["search"]),
    ({"or": [{"on": {"dimension": "BROWSER", "is": ["Chrome"]}}, {"on": {"dimension": "PAGE", "is": ["/start"]}}]},
     ["shop", "start"]),
    ({"not": {"on": {"dimension": "PAGEVIEW_REFERRER", "contains": ["google"]}}}, ["shop", "start"]),
    ({"on": {"dimension": "USER", "is": [""]}}, ["search", "start"]),
]  # fmt: skip


@pytest.mark.parametrize(("dimension", "own"), [("CHANNEL", "PAGEVIEW_CHANNEL"), ("ENTRY_PAGE", "PAGE")])
async def test_a_visit_is_not_known_yet_so_the_refusal_names_what_the_pageview_says(
    live: Server, dimension: str, own: str
) -> None:
    async with socket(live) as ws:
        await ws.send(subscribing("1", filter={"on": {"dimension": dimension, "is": ["EMAIL"]}}))
        (error,) = (await ws.next())["payload"]
        assert error["extensions"]["reason"] == "INVALID_FILTER"
        assert f"use {own}, which the pageview itself says" in error["message"]


@pytest.mark.parametrize(("filter_", "heard"), FILTERS)
async def test_only_pageviews_that_match_the_filter_are_received(
    live: Server, filter_: object, heard: list[str]
) -> None:
    tried = {
        "shop": {"url": "https://example.com/shop/1", "userAgent": CHROME, "email": "filter@example.com"},
        "search": {"url": "https://example.com/found", "referrer": "https://www.google.com/"},
        "start": {"url": "https://example.com/start"},
    }
    async with socket(live) as ws, stream(live, filter=filter_) as sse:
        await ws.subscribe(filter=filter_)
        ids = {await post(live, **event): name for name, event in tried.items()}
        for listening in (ws, sse):
            assert [ids[(await listening.pageview())["eventId"]] for _ in heard] == heard
        assert await ws.hears_nothing()


@pytest.mark.parametrize(
    ("traffic", "heard"),
    [
        (None, ["people"]),
        (["BOTS"], ["bots"]),
        (["AI_AGENTS"], ["agents"]),
        (["PEOPLE", "BOTS", "AI_AGENTS"], ["people", "bots", "agents"]),
    ],
)
async def test_bots_are_received_where_they_are_asked_for(
    live: Server, traffic: list[str] | None, heard: list[str]
) -> None:
    agents = {"people": CHROME, "bots": GOOGLE, "agents": GPT}
    async with socket(live) as ws:
        await ws.subscribe("1", EVENTS, **({"traffic": traffic} if traffic else {}))
        ids = {await post(live, userAgent=agent): name for name, agent in agents.items()}
        assert [ids[(await ws.pageview())["eventId"]] for _ in heard] == heard
        assert await ws.hears_nothing()


async def test_pixels_are_those_asked_for_or_all_of_the_app_those_made_later_too(live: Server) -> None:
    one, other = await new_pixel(live), await new_pixel(live)
    async with socket(live) as ws:
        await ws.subscribe("one", pixelIds=[one])
        await ws.subscribe("all")
        later = await new_pixel(live)
        ids = {pixel: await post(live, pixelId=pixel) for pixel in (one, other, later)}
        heard = [await ws.next() for _ in range(4)]
        assert await ws.hears_nothing()
    told = {(message["id"], message["payload"]["data"]["pageviewRecorded"]["eventId"]) for message in heard}
    assert told == {("one", ids[one]), *(("all", event_id) for event_id in ids.values())}


async def test_a_pageview_that_is_sent_again_is_received_once(live: Server) -> None:
    event_id = uuid4().hex
    async with socket(live) as ws:
        await ws.subscribe()
        for _ in range(3):
            assert await post(live, eventId=event_id) == event_id
        assert (await ws.pageview())["eventId"] == event_id
        assert await ws.hears_nothing()


async def test_only_pageviews_of_the_apps_own_pixels_are_received(live: Server) -> None:
    other = await asyncio.to_thread(lambda: Shop(live).auth)
    async with socket(live, init=False) as ws:
        await ws.init({"auth": other})
        await ws.subscribe()
        await post(live)
        assert await ws.hears_nothing()
        await ws.send(subscribing("2", pixelIds=[live.world.pixel]))
        message = await ws.next()
    assert (message["type"], message["id"]) == ("error", "2")
    assert message["payload"][0]["message"] == "Pixel not found"
    assert message["payload"][0]["extensions"] == {"code": 400, "reason": "PIXEL_NOT_FOUND"}


# --- Who may listen ---

Payloads = dict[str, Any]


@pytest.mark.parametrize("way", ["auth", "Authorization", "authorization", "header", "argument"])
async def test_credentials_come_when_it_connects_or_with_the_field(live: Server, way: str) -> None:
    auth = live.world.auth
    headers = {"Authorization": basic(auth)} if way == "header" else {}
    payload = {"auth": auth} if way == "auth" else {way: basic(auth)} if way.lower() == "authorization" else None
    async with socket(live, init=False, additional_headers=headers) as ws:
        await ws.init(payload)
        await ws.subscribe("1", EVENTS, **({"auth": auth} if way == "argument" else {}))
        event_id = await post(live)
        assert (await ws.pageview())["eventId"] == event_id


@pytest.mark.parametrize(
    "payload",
    [
        {"auth": {"appId": "{id}", "appSecret": "wrong"}},
        {"auth": {"appId": "nobody", "appSecret": "{secret}"}},
        {"auth": {"appId": "{id}"}},
        {"auth": "{secret}"},
        {"Authorization": "Basic bm9ib2R5OndlaXJk"},
        {"Authorization": "Bearer {secret}"},
        {"Authorization": 7},
    ],
)
async def test_wrong_credentials_close_with_4403_when_it_connects(live: Server, payload: Payloads) -> None:
    filled = json.dumps(payload).replace("{id}", live.world.app_id).replace("{secret}", live.world.secret)
    async with socket(live, init=False) as ws:
        await ws.send({"type": "connection_init", "payload": json.loads(filled)})
        assert await ws.closed() == (4403, "Forbidden: Invalid credentials")


async def test_wrong_http_basic_closes_with_4403_and_the_payload_wins(live: Server) -> None:
    headers = {"Authorization": basic({"appId": live.world.app_id, "appSecret": "wrong"})}
    async with socket(live, init=False, additional_headers=headers) as ws:
        await ws.send({"type": "connection_init"})
        assert await ws.closed() == (4403, "Forbidden: Invalid credentials")
    async with socket(live, additional_headers=headers) as ws:
        await ws.subscribe()


async def test_without_credentials_nothing_is_received(live: Server) -> None:
    async with socket(live, init=False) as ws:
        await ws.init()
        await ws.send(subscribing("1"))
        message = await ws.next()
        assert (message["type"], message["payload"][0]["extensions"]["reason"]) == ("error", "INVALID_CREDENTIALS")
    async with stream(live, headers={"authorization": ""}) as sse:
        name, body = await sse.next()
        assert (name, body["errors"][0]["extensions"]) == ("next", {"code": 400, "reason": "INVALID_CREDENTIALS"})
        assert await sse.next() == ("complete", None)


async def test_the_argument_wins_over_what_it_connected_with(live: Server) -> None:
    wrong = {**live.world.auth, "appSecret": "wrong"}
    async with socket(live) as ws:
        await ws.send(subscribing("1", auth=wrong))
        assert (await ws.next())["payload"][0]["extensions"]["reason"] == "INVALID_CREDENTIALS"


async def test_a_pixel_that_is_deleted_ends_the_stream(live: Server) -> None:
    pixel = await new_pixel(live)
    async with socket(live) as ws, stream(live, pixelIds=[pixel, 1]) as sse:
        await ws.subscribe(pixelIds=[pixel])
        await post(live, pixelId=pixel)
        assert await ws.pageview() == await sse.pageview()
        await asked(
            live,
            "mutation ($auth: AuthInput, $id: Int!) { deletePixel(auth: $auth, id: $id, pageviews: KEEP) { code } }",
            id=pixel,
        )
        message = await ws.next()
        assert (message["type"], message["id"]) == ("error", "1")
        assert message["payload"][0]["extensions"]["reason"] == "PIXEL_NOT_FOUND"
        name, body = await sse.next()
        assert (name, body["errors"][0]["extensions"]["reason"]) == ("next", "PIXEL_NOT_FOUND")
        assert await sse.next() == ("complete", None)
        assert await sse.next() == ("end", None)
        await ws.subscribe("1")  # the socket goes on, and the id is free again


async def test_a_secret_that_is_revoked_ends_the_stream(live: Server) -> None:
    rotate = "mutation ($auth: AuthInput) { rotateSecret(auth: $auth, graceSeconds: 2) { appSecret } }"
    old = live.world.auth
    secret = (await asked(live, rotate))["rotateSecret"]["appSecret"]
    async with socket(live) as ws, stream(live) as sse, socket(live, init=False) as later:
        await ws.subscribe()
        await later.init({"auth": {**old, "appSecret": secret}})
        await later.subscribe()
        message = await ws.next()
        assert (message["type"], message["payload"][0]["extensions"]["reason"]) == ("error", "INVALID_CREDENTIALS")
        name, body = await sse.next()
        assert (name, body["errors"][0]["extensions"]["reason"]) == ("next", "INVALID_CREDENTIALS")
        live.world = live.world._replace(secret=secret)
        event_id = await post(live)
        assert (await later.pageview())["eventId"] == event_id


async def test_the_curl_of_the_documentation_works(live: Server) -> None:
    page = Path(__file__).parents[2] / "docs/api.md"
    (curl,) = re.findall(r"```sh\n(curl -N .*?)```", page.read_text(), flags=re.DOTALL)
    process = await asyncio.create_subprocess_shell(
        f"exec {curl.replace('http://127.0.0.1:8000', live.url)}",
        env={**os.environ, "APP_ID": live.world.app_id, "APP_SECRET": live.world.secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(SECONDS):
            assert await process.stdout.readline() == b":\n"  # it is connected
            await process.stdout.readline()
            await post(live, url="https://example.com/curl")
            assert await process.stdout.readline() == b"event: next\n"
            pageview = json.loads((await process.stdout.readline()).removeprefix(b"data: "))
    finally:
        process.terminate()
        await process.wait()
    assert pageview["data"]["pageviewRecorded"]["url"] == "https://example.com/curl"
