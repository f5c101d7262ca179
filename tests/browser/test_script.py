"""How the script is served: cached strongly, compressed, and readable by every page."""

import gzip
import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from heropixel.browser.script import Script

TEXT = b"console.log('not really');" * 20
FINGERPRINT = hashlib.sha256(TEXT).hexdigest()[:12]


def serving(text: bytes | None) -> httpx.AsyncClient:
    """A client of a server with this script."""
    transport = httpx.ASGITransport(Starlette(routes=Script(text).routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving(TEXT) as client:
        yield client


async def test_the_script_is_kept_for_a_day_and_under_its_fingerprint_for_ever(client: httpx.AsyncClient) -> None:
    assert "max-age=86400" in (await client.get("/pixel.js")).headers["cache-control"]
    for_ever = await client.get(f"/pixel.{FINGERPRINT}.js")
    assert (for_ever.status_code, for_ever.content) == (200, TEXT)
    assert for_ever.headers["cache-control"] == "public, max-age=31536000, immutable"


async def test_the_script_is_compressed_for_clients_that_accept_it(client: httpx.AsyncClient) -> None:
    async with client.stream("GET", "/pixel.js", headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(b"".join([part async for part in answer.aiter_raw()])) == TEXT
    plain = await client.get("/pixel.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == TEXT
    assert plain.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_script_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient, encoding: str) -> None:
    tag = (await client.get("/pixel.js", headers={"Accept-Encoding": encoding})).headers["etag"]
    again = await client.get("/pixel.js", headers={"Accept-Encoding": encoding, "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (await client.get("/pixel.js", headers={"If-None-Match": '"another"'})).status_code == 200


async def test_every_page_may_read_the_script_which_subresource_integrity_takes(client: httpx.AsyncClient) -> None:
    answer = await client.get("/pixel.js")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"


async def test_a_version_that_is_gone_names_the_one_of_now(client: httpx.AsyncClient) -> None:
    gone = await client.get("/pixel.000000000000.js")
    assert gone.status_code == 404
    assert f"/pixel.{FINGERPRINT}.js" in gone.text


async def test_an_installation_without_the_script_says_what_to_do() -> None:
    async with serving(None) as client:
        answer = await client.get("/pixel.js")
    assert answer.status_code == 503
    assert "make setup" in answer.text
