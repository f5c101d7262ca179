"""Requests for pageviews get, byte for byte, the same answer without a task as in one, whatever they say."""

import asyncio
import base64
import random
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from heropixel.folder import make
from heropixel.processes.endpoints import AT_ONCE
from heropixel.processes.stores import make_stores
from heropixel.settings import Settings
from heropixel.wire.limited import HttpLimits
from tests.api.inside import Shop, new_shop, whole_server
from tests.wire.serving import Wire, serving, wire

REQUESTS = 300
LIMITS = HttpLimits(header_bytes=16_000, headers=100, head_seconds=5.0, body_seconds=5.0)
ANSWER = "{ code message reason data match { found matchedOn missReason } warnings { field treatment } }"
EVENT = "$event: PageviewEventInput!"
AUTH = "auth: { appId: %(app)s, appSecret: %(secret)s }"
DOCUMENTS = [
    *[f"mutation ({EVENT}) {{ pageview({AUTH}, event: $event) {ANSWER} }}"] * 6,
    f"mutation ({EVENT}) {{ pageview(event: $event) {ANSWER} }}",
    f"mutation M({EVENT}) {{ a: pageview({AUTH}, event: $event) {{ code }} __typename }}",
    f"mutation ({EVENT}) {{ pageviews({AUTH}, events: [$event]) {{ code data }} }}",
    f'mutation ({EVENT}) {{ pageview(auth: {{ appId: "x", appSecret: "hps_x" }}, event: $event) {{ code }} }}',
    "{ pixels { code reason } }",
    "{ __typename }",
    "subscription { pageviews { title } }",
    "mutation {",
    "mutation { nothing }",
]
EVENTS: list[dict[str, Any]] = [
    *({}, {}, {}, {}),
    *({"email": "anna@example.com"}, {"md5": "6b56db1f84a3997b902509d3fbf0a306"}, {"externalId": "undefined"}),
    *({"title": 'ü\u2028"\\'}, {"title": "a" * 3_000}, {"url": "https://example.com/?utm_source=x"}, {"ip": "nowhere"}),
    *({"domain": "evil.org"}, {"domain": 7}, {"pixelId": 999}, {"no": "field"}, {"timestamp": "yesterday"}),
    *({"eventId": "one"}, {"properties": {"a": [1, None]}}, {"consent": False, "email": "ben@example.com"}),
]
HEADERS = [
    *[b""] * 8,
    *[b"accept: application/graphql-response+json\r\n", b"accept: text/event-stream\r\n", b"accept: image/png\r\n"],
    *[
        b"connection: close\r\n",
        b"content-encoding: gzip\r\n",
        b"content-encoding: br\r\n",
        b"expect: 100-continue\r\n",
    ],
    *[b"cookie: __Host-heropixel=x\r\n", b"authorization: Basic %b\r\n", b"authorization: Bearer hpk_x\r\n"],
    *[b"sec-gpc: 1\r\n", b"cookie: heropixel=no\r\n", b"origin: null\r\n", b"origin: https://evil.org\r\n"],
]
BEACONS: list[dict[str, Any]] = [
    *({}, {}, {}, {}),
    *({"title": "ü"}, {"id": "0" * 32}, {"id": "x"}, {"pixelId": 999}, {"email": "anna@example.com"}, {"url": "/path"}),
    *({"event": "identify", "externalId": "c-1", "consent": True}, {"event": "consent", "consent": False}),
    *({"consent": True, "visitorId": "hp1." + "a" * 32}, {"consent": False}, {"visitorId": "undefined"}),
]


FIRST = b"POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


class Chance:
    """Makes requests."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._random = random.Random(seed)
        self._shop = shop

    def is_second(self) -> bool:
        """Whether the request is not the first of its connection."""
        return self._random.random() < 0.7

    def request(self) -> bytes:
        """Any request for a pageview, or one that resembles it."""
        made = self._random.choice([self._mutation, self._mutation, self._beacon, self._picture])()
        return made if self._random.random() < 0.95 else made.replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    def _mutation(self) -> bytes:
        shop, choice = self._shop, self._random.choice
        document = choice(DOCUMENTS) % {"app": f'"{shop.app_id}"', "secret": f'"{shop.secret}"'}
        event = {"pixelId": shop.pixel, "domain": "example.com"} | choice(EVENTS)
        variables = choice([{"event": event}] * 8 + [{}, {"event": None}, {"event": [event]}])
        asked: dict[str, Any] = {"query": document, "variables": variables} | choice(
            [{}] * 8 + [{"operationName": "M"}]
        )
        body = msgspec.json.encode(asked)
        odd = [
            body[:-1],
            b"[]",
            body.replace(b'":', b'" :'),
            body.replace(b"{", b'{"query":"","query":"",', 1),
            b"\xff",
            b"",
        ]
        body = choice([body] * 20 + odd)
        basic = base64.b64encode(f"{shop.app_id}:{shop.secret}".encode())
        header = choice(HEADERS)
        header = header % basic if b"%b" in header else header
        kind = choice([b"application/json"] * 9 + [b"text/plain"])
        method = choice([b"POST"] * 12 + [b"GET", b"HEAD", b"PUT"])
        path = choice([b"/graphql"] * 12 + [b"/graphql?a=b", b"/graphq%6c"])
        return self._written(method, path, b"content-type: %b\r\n%b" % (kind, header), body)

    def _beacon(self) -> bytes:
        choice = self._random.choice
        beacon = {"pixelId": self._shop.pixel, "url": "https://example.com/a"} | choice(BEACONS)
        body = msgspec.json.encode(beacon)
        body = choice([body] * 12 + [body[:-1], b"x" * 70_000])
        method = choice([b"POST"] * 9 + [b"OPTIONS", b"GET"])
        return self._written(method, b"/collect", self._from_page(), body)

    def _picture(self) -> bytes:
        beacon = {"pixelId": self._shop.pixel, "url": "https://example.com/a"} | self._random.choice(BEACONS)
        query = "&".join(f"{name}={quote(str(value))}" for name, value in beacon.items())
        method = self._random.choice([b"GET"] * 9 + [b"HEAD", b"POST"])
        return self._written(method, f"/pixel.gif?{query}".encode(), self._from_page(), b"")

    def _from_page(self) -> bytes:
        page = self._random.choice(
            [b"origin: https://example.com\r\n", b"referer: https://example.com/\r\n"] * 4 + [b""]
        )
        same_site = self._random.choice([b"sec-fetch-site: same-site\r\n", b""])
        header = self._random.choice(HEADERS)
        return page + same_site + (b"" if b"%b" in header or b"origin" in header else header)

    def _written(self, method: bytes, path: bytes, headers: bytes, body: bytes) -> bytes:
        length = b"content-length: %d\r\n" % len(body) if body or method == b"POST" else b""
        return b"%b %b HTTP/1.1\r\nhost: example.com\r\n%b%b\r\n%b" % (method, path, headers, length, body)


async def answer_of(client: Wire, request: bytes) -> bytes:
    """The answer, without what differs from request to request."""
    client.send(request)
    told = b""
    async with asyncio.timeout(10):
        while True:
            head = await client.reader.readuntil(b"\r\n\r\n")
            told += head
            length = re.search(rb"content-length: (\d+)", head)
            if length and not request.startswith(b"HEAD"):
                told += await client.reader.readexactly(int(length[1]))
            if not head.startswith(b"HTTP/1.1 100"):
                break
        if b"connection: close" in told:
            told += await client.reader.read()
    return re.sub(rb"date: [^\r]*\r\n|hp1\.[0-9a-f]{32}", b"", told)


async def test_answers_to_pageviews_are_the_same_without_a_task(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, address_rate=0, pixel_rate=0)
    make(tmp_path)
    make_stores(settings)
    async with whole_server(settings) as server:
        shop = await new_shop(server)
        await shop.identify(email="anna@example.com", traits={"city": "Bern"})
        chance = Chance(shop, seed=7)
        async with serving(shop.application, LIMITS, AT_ONCE) as at_once, serving(shop.application, LIMITS) as plain:
            seen = set()
            for _ in range(REQUESTS):
                request = chance.request()
                async with wire(at_once) as one, wire(plain) as other:
                    if chance.is_second():  # then it is split, if it is a plain one
                        assert await answer_of(one, FIRST) == await answer_of(other, FIRST)
                    answer = await answer_of(one, request)
                    assert answer == await answer_of(other, request), request
                seen.add(answer[9:12])
    assert {b"200", b"204", b"400", b"405", b"415"} <= seen
