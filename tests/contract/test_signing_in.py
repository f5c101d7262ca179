"""Section 9 of the contract, from outside: a member signs in, and what the session may do from which page."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from heropixel.members.attempts import OF_ACCOUNT
from tests.contract.listening import socket, subscribing
from tests.contract.reporting import Site
from tests.contract.signed_in import OURS, Browser, Client, invited, made_key, member_of
from tests.world import Server, command, make_world, running

RIGHT = "correct horse battery"


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: attempts to sign in are counted, by address."""
    with running(make_world(tmp_path_factory.mktemp("doors") / "data"), trusted_proxies="127.0.0.1") as server:
        yield server


@pytest.fixture(scope="module")
def site(doors: Server) -> Site:
    return Site(doors)


def printed_link(printed: str) -> str:
    (link,) = re.findall(r"http\S+#sign-in=\S+", printed)
    return str(link)


def test_the_first_start_prints_a_link_that_signs_in_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    world = make_world(tmp_path_factory.mktemp("first") / "data")
    with running(world) as server:
        link = printed_link(server.log.read_text())
        assert link.startswith(f"{server.url}/#sign-in=")
        owner = Browser(server)
        assert owner.sign_in_by(link)["role"] == "OWNER"
        assert owner.me()["apps"] == [{"id": world.app_id, "role": "OWNER"}]
        assert Browser(server).sign_in_by(link)["reason"] == "LINK_INVALID"
        assert owner.set_password(RIGHT)["reason"] == "EMAIL_MISSING"
        assert owner.set_password(RIGHT, email="anna@example.com")["member"]["email"] == "anna@example.com"
        another = printed_link(command(world, "sign-in-link"))
        assert another.startswith(server.url), "of the running server"
        assert Browser(server).sign_in_by(another)["member"]["email"] == "anna@example.com"


def test_the_cookie_is_opaque_and_no_script_and_no_other_site_gets_it(site: Site) -> None:
    browser = Browser(site.server)
    token = invited(site, "cookie@example.com")["link"].partition("=")[2]
    response = browser.post(f'mutation {{ signInByLink(token: "{token}") {{ code }} }}')
    name_and_value, *attributes = response.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"__Host-heropixel=[\w-]{43}", name_and_value)
    assert {*attributes} == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=34560000"}


def test_a_password_signs_in_and_a_wrong_one_tells_nothing(site: Site) -> None:
    member = member_of(site, "VIEWER", "ben@example.com")
    assert member.set_password("short")["reason"] == "INVALID_PASSWORD"
    assert member.set_password(RIGHT)["code"] == 200
    browser = Browser(site.server)
    refusals = [browser.sign_in(email, "wrong password") for email in ("ben@example.com", "no@example.com", "none", "")]
    assert refusals == [refusals[0]] * 4
    assert refusals[0]["reason"] == "SIGN_IN_REFUSED"
    assert browser.me()["reason"] == "INVALID_CREDENTIALS"
    assert browser.sign_in(" Ben@Example.com", RIGHT)["member"]["email"] == "ben@example.com"
    assert browser.me()["kind"] == "MEMBER"


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(site: Site) -> None:
    first = member_of(site, "VIEWER", "cleo@example.com")
    first.set_password(RIGHT)
    second = Browser(site.server)
    second.sign_in("cleo@example.com", RIGHT)
    assert second.set_password("another good password")["reason"] == "SIGN_IN_REFUSED"
    assert second.set_password("another good password", current=RIGHT)["code"] == 200
    assert (first.me()["code"], second.me()["code"]) == (400, 200)
    link = printed_link(command(site.server.world, "sign-in-link", "cleo@example.com"))
    first.sign_in_by(link)
    assert first.set_password("a third good password")["code"] == 200, "the old one was forgotten"


def test_attempts_are_limited_whether_or_not_there_is_the_account(site: Site) -> None:
    member_of(site, "VIEWER", "dora@example.com").set_password(RIGHT)
    for email in ("dora@example.com", "nobody@example.com"):
        guesser = Browser(site.server)
        guesser.headers["X-Forwarded-For"] = "203.0.113.9"
        reasons = [guesser.sign_in(email, "wrong password")["reason"] for _ in range(OF_ACCOUNT + 1)]
        assert reasons == ["SIGN_IN_REFUSED"] * OF_ACCOUNT + ["TOO_MANY_ATTEMPTS"]
    refused = Browser(site.server).sign_in("dora@example.com", RIGHT)
    assert refused["reason"] == "TOO_MANY_ATTEMPTS"
    assert re.search(r"try again in \d+ s", refused["message"])
    link = printed_link(command(site.server.world, "sign-in-link", "dora@example.com"))
    assert Browser(site.server).sign_in_by(link)["code"] == 200, "a link is still a way in"


def test_sessions_are_listed_and_revoked_and_one_signs_out_of_all(site: Site) -> None:
    first = member_of(site, "ANALYST", "eva@example.com")
    first.set_password(RIGHT)
    others = [Browser(site.server) for _ in range(2)]
    for number, browser in enumerate(others):
        browser.headers["User-Agent"] = f"Browser {number}"
        browser.sign_in("eva@example.com", RIGHT)
    query = "{ sessions { nodes { id createdAt lastUsed userAgent current } totalCount } }"
    listed = others[0](query)
    assert listed["totalCount"] == 3
    assert [node["userAgent"] for node in listed["nodes"] if node["current"]] == ["Browser 0"]
    (second,) = (node["id"] for node in listed["nodes"] if node["userAgent"] == "Browser 1")
    revoke = "mutation ($id: ID!) { revokeSession(id: $id) { code reason totalCount } }"
    assert others[0](revoke, id=second)["totalCount"] == 2
    assert others[0](revoke, id=second)["reason"] == "SESSION_NOT_FOUND"
    assert others[1].me()["reason"] == "INVALID_CREDENTIALS"
    assert member_of(site, "OWNER")(revoke, id=listed["nodes"][0]["id"])["reason"] == "SESSION_NOT_FOUND"
    out = others[0].post("mutation { signOut(everywhere: true) { ended } }")
    assert out.json()["data"]["signOut"] == {"ended": 2}
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert first.me()["code"] == 400


# --- from which page ---

FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "{url}"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://localhost:{port}"},
    {},
]
OWN: list[dict[str, str]] = [OURS, {"Origin": "{url}"}, {**OURS, "Origin": "https://proxied.example"}]
WAYS = ("POST", "GET", "event stream")


def asked_by(way: str, browser: Browser, headers: dict[str, str]) -> bool:
    """Whether the session counts in a request with these headers."""
    url = browser.server.url
    given = {name: value.format(url=url, port=url.rpartition(":")[2]) for name, value in headers.items()}
    given["Cookie"] = browser.headers["Cookie"]
    http = browser.server.http
    if way == "POST":
        response = http.post("/graphql", json={"query": "{ me { code } }"}, headers=given)
        return bool(response.json()["data"]["me"]["code"] == 200)
    if way == "GET":
        response = http.get("/graphql?" + urlencode({"query": "{ me { code } }"}), headers=given)
        return bool(response.json()["data"]["me"]["code"] == 200)
    given["Accept"] = "text/event-stream"
    live = {"query": "subscription { pageviewRecorded { eventId } }"}
    with http.stream("POST", "/graphql", json=live, headers=given) as stream:
        return "INVALID_CREDENTIALS" not in next(stream.iter_text())


@pytest.fixture(scope="module")
def analyst(site: Site) -> Browser:
    return member_of(site, "ANALYST", "flora@example.com")


@pytest.mark.parametrize("way", WAYS)
def test_a_cookie_counts_only_where_the_request_comes_from_our_own_pages(analyst: Browser, way: str) -> None:
    assert [asked_by(way, analyst, headers) for headers in OWN] == [True] * len(OWN)
    assert [asked_by(way, analyst, headers) for headers in FOREIGN] == [False] * len(FOREIGN)


@pytest.mark.parametrize(("origin", "counts"), [("{url}", True), ("https://evil.example", False), (None, False)])
async def test_on_a_websocket_too(analyst: Browser, origin: str | None, counts: bool) -> None:
    headers = {"Cookie": analyst.headers["Cookie"]}
    if origin:
        headers["Origin"] = origin.format(url=analyst.server.url)
    async with socket(analyst.server, init=False, additional_headers=headers) as ws:
        await ws.init()
        await ws.send(subscribing("1", "{ me { kind reason } }"))
        answer = (await ws.next())["payload"]["data"]["me"]
        assert answer == {"kind": "MEMBER" if counts else None, "reason": None if counts else "INVALID_CREDENTIALS"}


def test_signing_in_is_no_business_of_a_foreign_page(site: Site) -> None:
    link = invited(site, "gina@example.com")["link"]
    foreign = Browser(site.server)
    foreign.headers |= {"Sec-Fetch-Site": "cross-site"}
    assert foreign.sign_in_by(link)["reason"] == "NOT_ALLOWED"
    foreign.headers = {"Origin": "http://stats.example", "Host": "stats.example"}
    refused = foreign.sign_in_by(link)
    assert (refused["reason"], "needs https" in refused["message"]) == ("INSECURE_ADDRESS", True)
    foreign.headers = {"Origin": "https://stats.example", "Host": "stats.example"}
    assert foreign.sign_in_by(link)["code"] == 200, "behind a proxy that has the certificate"


# --- which app, which credentials ---


def test_a_member_of_several_apps_says_which(site: Site) -> None:
    member = member_of(site, "EDITOR", "hanna@example.com")
    other = Site(site.server)
    link = invited(other, "hanna@example.com", "VIEWER")["link"]
    assert Browser(site.server).sign_in_by(link)["reason"] == "LINK_INVALID", "no way into the account"
    me = member.me()
    assert (me["code"], me["app"], me["role"]) == (200, None, None)
    roles = {each["id"]: each["role"] for each in me["apps"]}
    assert roles == {site.auth["appId"]: "EDITOR", other.auth["appId"]: "VIEWER"}
    query = "{ pixels { reason nodes { id } } }"
    assert member(query)["reason"] == "APP_NOT_NAMED"
    for named in (site, other):
        member.headers["Heropixel-App"] = named.auth["appId"]
        assert member(query)["nodes"] == [{"id": named.site}]
    member.headers["Heropixel-App"] = "app_of_somebody_else"
    assert member(query)["reason"] == "APP_NOT_NAMED"


async def test_on_a_websocket_a_member_names_the_app_in_connection_init(site: Site) -> None:
    member = member_of(site, "ANALYST", "ida@example.com")
    other = Site(site.server)
    invited(other, "ida@example.com", "ANALYST")
    headers = {"Cookie": member.headers["Cookie"], "Origin": site.server.url}
    async with socket(site.server, init=False, additional_headers=headers) as ws:
        await ws.init({"app": other.auth["appId"]})
        await ws.send(subscribing("1", "{ pixels { nodes { id } } }"))
        assert (await ws.next())["payload"]["data"]["pixels"]["nodes"] == [{"id": other.site}]


def test_the_argument_wins_then_the_header_then_the_cookie(site: Site) -> None:
    other = Site(site.server)
    browser = member_of(site, "VIEWER", "jana@example.com")
    assert browser.me()["app"]["id"] == site.auth["appId"]
    browser.headers["Authorization"] = f"Bearer {made_key(other, 'RECORD')['secret']}"
    assert browser.me()["kind"] == "KEY"
    argument = "query ($auth: AuthInput) { me(auth: $auth) { kind app { id } } }"
    assert browser(argument, auth=site.auth) == {"kind": "SECRET", "app": {"id": site.auth["appId"]}}
    browser.headers["Authorization"] = "Bearer hpk_wrong"
    assert browser.me()["reason"] == "INVALID_CREDENTIALS", "the cookie does not make up for a wrong key"


def test_the_password_of_a_proxy_before_the_dashboard_does_not_keep_members_out(site: Site) -> None:
    member = member_of(site, "VIEWER", "karl@example.com")
    member.headers["Authorization"] = str(httpx.BasicAuth("office", "proxy's")._auth_header)
    assert member.me()["kind"] == "MEMBER"
    assert member("{ pixels { code } }")["code"] == 200
    assert member("{ sessions { totalCount } }")["totalCount"] == 1
    assert Client(site.server, Authorization=member.headers["Authorization"]).me()["reason"] == "INVALID_CREDENTIALS"


def test_a_key_is_shown_once_and_listed_with_its_last_use(site: Site) -> None:
    made = made_key(site, "READ_FIGURES", pixelIds=[site.site], expiresAt="2199-01-01")
    assert re.fullmatch(r"hpk_[\w-]{43}", made["secret"])
    assert made["key"]["expiresAt"] == "2199-01-01T00:00:00.000Z"
    assert made["key"]["lastUsed"] is None
    key = Client(site.server, Authorization=f"Bearer {made['secret']}")
    assert key("{ me { kind scopes pixelIds } }") == {
        "kind": "KEY",
        "scopes": ["READ_FIGURES"],
        "pixelIds": [site.site],
    }
    listed = site("query ($auth: AuthInput) { keys(auth: $auth) { nodes { id lastUsed } data } }")
    assert [node["lastUsed"] is not None for node in listed["nodes"] if node["id"] == made["key"]["id"]] == [True]
    assert made["secret"] not in json.dumps(listed)
