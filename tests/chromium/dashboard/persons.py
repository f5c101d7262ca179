"""People for tests of the dashboard, each with a browser of their own; and members with other roles."""

import time
from typing import Any, NamedTuple

from playwright.async_api import Browser, StorageState

from tests.chromium.chromium import USER_AGENT
from tests.chromium.dashboard.conftest import RECORD, local
from tests.chromium.dashboard.looking import Looking
from tests.world import Server

IDENTIFY = "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code user { id } } }"
INVITE = """mutation ($auth: AuthInput, $email: String!, $role: Role!) {
    inviteMember(auth: $auth, email: $email, role: $role) { code link } }"""
USER = (
    "query ($auth: AuthInput, $by: UserSelector!) { user(auth: $auth, by: $by) { code reason user { pageviewCount } } }"
)


class Person(NamedTuple):
    """A person, as the product knows them."""

    id: str
    name: str
    email: str
    visitor: str


def known(server: Server, first: str, last: str, pixel: int = 1) -> Person:
    """A person who looked at two pages as nobody, and then signed up."""
    name = f"{first}-{last}".lower()
    email, visitor = f"{name}@people.example", f"hp1.{name.encode().hex():0<32.32}"
    for place, path in enumerate(("/pricing", "/docs")):
        at = time.time() - 900 + place * 60
        record(server, pixelId=pixel, visitorId=visitor, url=f"https://example.com{path}", timestamp=at)
    traits = {"first_name": first, "last_name": last, "plan": "pro", "orders": 12}
    user = {"externalId": name, "email": email, "visitorId": visitor, "traits": traits}
    answer = asked(server, IDENTIFY, "identify", user=user)
    record(server, pixelId=pixel, externalId=name, url="https://example.com/signup", timestamp=time.time() - 600)
    wait_for(server, name, 3)
    return Person(answer["user"]["id"], f"{first} {last}", email, visitor)


def record(server: Server, **event: Any) -> None:
    """Record a pageview, of pixel 1 unless it says another."""
    given = {"pixelId": 1, "domain": "example.com", "userAgent": USER_AGENT, **event}
    asked(server, RECORD, "pageviews", events=[given])


def wait_for(server: Server, external_id: str, pageviews: int) -> None:
    """Wait until reports and lists have so many pageviews of a person."""
    until = time.monotonic() + 30
    while (there := asked(server, USER, "user", by={"externalId": external_id})["user"]["pageviewCount"]) < pageviews:
        assert time.monotonic() < until, f"{there} of {pageviews} pageviews were there in 30 s"
        time.sleep(0.05)


def asked(server: Server, query: str, field: str, **variables: Any) -> dict[str, Any]:
    """The answer to a request by the app's secret, which must succeed."""
    body = server.graphql(query, {"auth": server.world.auth, **variables})
    answer: dict[str, Any] = body["data"][field]
    assert answer["code"] == 200, body
    return answer


async def member(chromium: Browser, server: Server, email: str, role: str) -> StorageState:
    """What a browser keeps in which a new member of this role is signed in."""
    link = asked(server, INVITE, "inviteMember", email=email, role=role)["link"]
    context = await chromium.new_context()
    looking = Looking(context, await context.new_page(), local(server))
    await looking.open("#" + link.partition("#")[2])
    state = await context.storage_state()
    await context.close()
    return state
