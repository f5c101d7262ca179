"""The dashboard as it is served: its policy, what browsers may keep of it, and how much of it there is."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

import heropixel
from heropixel.pages.dashboard import Dashboard
from tests.chromium.chromium import need_dashboard
from tests.world import Server

BUILT = Path(heropixel.__file__).parent / "static/dashboard"
DEMANDED = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the pages alone."""
    need_dashboard()
    pages = httpx.ASGITransport(Starlette(routes=Dashboard.built().routes()))
    async with httpx.AsyncClient(transport=pages, base_url="http://pages") as client:
        yield client


def names() -> list[str]:
    """The files that the page names."""
    return re.findall(r'(?:href|src)="(dashboard/[^"]+)"', (BUILT / "index.html").read_text())


async def test_the_page_has_a_policy_that_allows_nothing_inline_and_nothing_from_elsewhere(
    http: httpx.AsyncClient,
) -> None:
    page = await http.get("/")
    policy = {*page.headers["content-security-policy"].split("; ")}
    assert policy >= DEMANDED
    assert not any("unsafe" in directive or "http" in directive for directive in policy)
    assert page.headers["x-frame-options"] == "DENY"
    assert "<style" not in page.text
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|\sstyle=", page.text), "something is inline"


async def test_the_page_is_asked_for_again_and_its_files_are_kept_for_ever(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.headers["cache-control"] == "no-cache"
    unchanged = await http.get("/", headers={"If-None-Match": page.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    for name in names():
        file = await http.get(f"/{name}")
        assert file.status_code == 200, name
        assert "immutable" in file.headers["cache-control"]
        assert re.search(r"-[0-9A-Z]{8}\.(js|css)$", name), "the name has no hash of the contents"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None)],
)
async def test_files_are_sent_as_they_were_compressed_when_they_were_built(
    http: httpx.AsyncClient, accepted: str, coding: str | None
) -> None:
    (script,) = (name for name in names() if "/app-" in name)
    async with http.stream("GET", f"/{script}", headers={"Accept-Encoding": accepted}) as sent:
        raw = b"".join([part async for part in sent.aiter_raw()])
    assert sent.headers.get("content-encoding") == coding
    assert sent.headers["vary"] == "accept-encoding"
    ending = {"br": ".br", "gzip": ".gz", None: ""}[coding]
    assert raw == (BUILT / f"{Path(script).name}{ending}").read_bytes()


def test_the_page_names_its_files_by_addresses_relative_to_itself() -> None:
    need_dashboard()
    assert len(names()) >= 3
    assert not re.search(r'(href|src)="/', (BUILT / "index.html").read_text())


async def test_a_file_of_another_version_is_a_404_that_says_so(http: httpx.AsyncClient) -> None:
    for name in ("app-00000000.js", "index.html", "app-00000000.js.br"):
        answer = await http.get(f"/dashboard/{name}")
        assert (answer.status_code, "Load the page again" in answer.text) == (404, True)


async def test_without_the_built_files_the_page_says_how_to_build_them() -> None:
    bare = httpx.ASGITransport(Starlette(routes=Dashboard({}).routes()))
    async with httpx.AsyncClient(transport=bare, base_url="http://pages") as client:
        answer = await client.get("/")
    assert (answer.status_code, "make setup" in answer.text) == (503, True)


def gzipped(pattern: str) -> int:
    """The gzipped bytes of the files that match."""
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in BUILT.glob(pattern))


def test_what_the_first_view_loads_and_what_all_of_it_loads_is_within_the_budget() -> None:
    need_dashboard()
    assert gzipped("app-*.js") + gzipped("chunk-*.js") <= 45 * 1024
    assert gzipped("*.js") <= 100 * 1024
    assert gzipped("*.css") <= 12 * 1024


def test_the_map_is_a_file_of_its_own_that_the_page_does_not_name() -> None:
    need_dashboard()
    (chunk,) = BUILT.glob("WorldMap-*.js")
    assert not any(chunk.name in name for name in names())
    assert gzipped(chunk.name) <= 12 * 1024


@pytest.mark.process
def test_an_unknown_path_is_a_404_that_helps(server: Server) -> None:
    for path in ("/pixels/1", "/nothing", "/operator/nothing"):
        answer = server.http.get(path)
        assert answer.status_code == 404
        assert "The dashboard is at /, the API at /graphql" in answer.text
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
