"""The explorer as it is served: its policy with a nonce, its files, and the schema as text."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

import heropixel
from heropixel.api.schema import sdl
from heropixel.pages.explorer import Explorer
from heropixel.pages.schema_text import SchemaText
from tests.chromium.chromium import need_dashboard
from tests.pages.test_dashboard import DEMANDED

BUILT = Path(heropixel.__file__).parent / "static/explore"


def client_of(application: Starlette) -> httpx.AsyncClient:
    """A client of these pages alone."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://pages")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the explorer's pages."""
    need_dashboard()
    async with client_of(Starlette(routes=Explorer.built().routes())) as client:
        yield client


async def test_the_explorer_has_the_policy_of_the_dashboard_and_a_nonce_for_styles_alone(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/explore")
    (nonce,) = re.findall(r'<link rel="stylesheet" nonce="([\w-]{22})"', page.text)
    policy = {*page.headers["content-security-policy"].split("; ")}
    assert f"style-src 'self' 'nonce-{nonce}'" in policy
    assert policy >= DEMANDED - {"style-src 'self'"}
    assert not any("unsafe" in directive or "http" in directive for directive in policy)
    assert "<style" not in page.text
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=", page.text), "something is inline"


async def test_each_page_has_another_nonce_and_is_not_kept(http: httpx.AsyncClient) -> None:
    pages = [await http.get("/explore") for _ in range(2)]
    assert len({page.headers["content-security-policy"] for page in pages}) == 2
    assert {page.headers["cache-control"] for page in pages} == {"no-store"}


async def test_the_files_of_the_explorer_are_named_relative_to_it_and_kept_for_ever(http: httpx.AsyncClient) -> None:
    names = re.findall(r'(?:href|src)="(explore/[^"]+)"', (await http.get("/explore")).text)
    assert len(names) >= 2
    for name in names:
        file = await http.get(f"/{name}")
        assert (file.status_code, "immutable" in file.headers["cache-control"]) == (200, True)
    for name in ("app-00000000.js", "index.html"):
        gone = await http.get(f"/explore/{name}")
        assert (gone.status_code, "Load the page again" in gone.text) == (404, True)


async def test_without_the_built_files_the_explorer_says_how_to_build_them() -> None:
    async with client_of(Starlette(routes=Explorer({}).routes())) as client:
        answer = await client.get("/explore")
    assert (answer.status_code, "make setup" in answer.text) == (503, True)


def test_the_explorer_is_within_its_budget() -> None:
    need_dashboard()
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in BUILT.glob("*.js")) <= 220 * 1024


async def test_the_schema_is_a_text_that_is_compressed_and_asked_for_again() -> None:
    async with client_of(Starlette(routes=[SchemaText(sdl(), lambda _request: True).route()])) as client:
        text = await client.get("/schema.graphql")
        again = await client.get("/schema.graphql", headers={"If-None-Match": text.headers["etag"]})
    assert text.text == sdl()
    assert text.headers["content-encoding"] == "gzip"
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")
