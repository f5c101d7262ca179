"""The cookie of a session in a real browser: whether it is kept, and that no foreign page can use it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from heropixel.api.sign_in_pages import COOKIE
from tests.chromium.site import ADDRESS, ONE_LABEL, OTHER, Site
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST = """async query => {
    const answer = await fetch("/graphql", {method: "POST", headers: {"content-type": "application/json"},
        body: JSON.stringify({query})})
    return await answer.json()
}"""
ME = "{ me { kind reason } }"
LIVE = "subscription { pageviewRecorded { eventId } }"
SOCKET = """([url, query]) => new Promise((done, failed) => {
    const socket = new WebSocket(url, "graphql-transport-ws")
    socket.onopen = () => socket.send(JSON.stringify({type: "connection_init"}))
    socket.onclose = event => failed(new Error(event.reason))
    socket.onmessage = event => {
        const message = JSON.parse(event.data)
        if (message.type == "connection_ack")
            socket.send(JSON.stringify({type: "subscribe", id: "1", payload: {query}}))
        else done(message.payload)
    }
})"""
# What a foreign page may send without asking: by GET, and by POST as a form would.
OPAQUE = """([url, options]) => fetch(url, {mode: "no-cors", credentials: "include", ...options}).catch(() => null)"""


def invite(product: Server, email: str) -> str:
    """The token of a link for a new member."""
    query = (
        "mutation ($auth: AuthInput, $email: String!)"
        " { inviteMember(auth: $auth, email: $email, role: ANALYST) { link } }"
    )
    body = product.graphql(query, {"auth": product.world.auth, "email": email})
    return str(body["data"]["inviteMember"]["link"].partition("=")[2])


async def signed_in(page: Page, product: Server, address: str, email: str) -> dict[str, Any]:
    """Sign in on a page of ours; what `me` answers then."""
    await page.goto(f"{address}/health")
    token = invite(product, email)
    answer = await page.evaluate(POST, f'mutation {{ signInByLink(token: "{token}") {{ message reason }} }}')
    assert answer["data"]["signInByLink"]["reason"] is None, answer
    return dict((await page.evaluate(POST, ME))["data"]["me"])


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser) -> AsyncIterator[Page]:
    """A page of a new browser. What it may load is not what is tried here."""
    context = await chromium.new_context(bypass_csp=True)
    yield await context.new_page()
    await context.close()


@pytest.mark.parametrize("host", [ONE_LABEL, ADDRESS, "stats.localhost"])
async def test_the_session_is_kept_by_plain_http_on_this_machine(
    page: Page, site: Site, product: Server, host: str
) -> None:
    me = await signed_in(page, product, site.product_url(host=host), f"kept-{len(host)}@example.com")
    kept = {cookie["name"]: cookie for cookie in await page.context.cookies()}
    cookie = kept[COOKIE]
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
    assert await page.evaluate("document.cookie") == ""
    assert me == {"kind": "MEMBER", "reason": None}


async def test_a_foreign_page_has_no_session_by_whatever_way(page: Page, site: Site, product: Server) -> None:
    ours = site.product_url(host=ONE_LABEL)
    assert (await signed_in(page, product, ours, "foreign@example.com"))["kind"] == "MEMBER"
    own = await page.evaluate(SOCKET, [ours.replace("http", "ws") + "/graphql", ME])
    assert own == {"data": {"me": {"kind": "MEMBER", "reason": None}}}, "on our own page it counts"

    site.put("/")
    sent = await cookies_sent(page)
    for host in (ONE_LABEL, OTHER):  # another port of the same host, to which browsers send the cookie; another site
        await page.goto(site.url("/", host))
        sent.clear()
        heard = await page.evaluate(SOCKET, [ours.replace("http", "ws") + "/graphql", ME])
        assert heard == {"data": {"me": {"kind": None, "reason": "INVALID_CREDENTIALS"}}}
        before = refused(product)
        assert await opaque(page, f"{ours}/graphql?query={ME}") == 200
        assert refused(product) == before + 1, "the page cannot read it, and there is nothing to read"
        await opaque(page, f"{ours}/graphql?query={LIVE}", {"headers": {"accept": "text/event-stream"}})
        assert refused(product) == before + 2
        form = {"method": "POST", "headers": {"content-type": "text/plain"}, "body": f'{{"query": "{ME}"}}'}
        assert await opaque(page, f"{ours}/graphql", form) == 415
        as_json = {"method": "POST", "mode": "cors", "headers": {"content-type": "application/json"}, "body": "{}"}
        assert await page.evaluate(OPAQUE, [f"{ours}/graphql", as_json]) is None, "it would have to ask first"
        assert any(COOKIE in cookies for cookies in sent) is (host == ONE_LABEL)


async def opaque(page: Page, url: str, options: object = None) -> int:
    """The status of a response that a foreign page gets and cannot read."""
    async with page.expect_response(lambda response: "/graphql" in response.url) as waiting:
        await page.evaluate(OPAQUE, [url, options or {}])
    return (await waiting.value).status


def refused(product: Server) -> float:
    """How many requests had no credentials that count."""
    lines = product.http.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if 'refused_total{reason="INVALID_CREDENTIALS"}' in line)


async def cookies_sent(page: Page) -> list[str]:
    """The cookies of each request from now on. Playwright itself does not tell those of a foreign page."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    sent: list[str] = []
    devtools.on("Network.requestWillBeSentExtraInfo", lambda event: sent.append(event["headers"].get("Cookie", "")))
    return sent
