"""Every operation is tried with every role and every scope, with and without a limit to some pixels.

The operations and their arguments come from the schema. What each needs stands here once more, in the contract's words:
an operation that is missing fails.
"""

import asyncio
from typing import Any

import httpx
import msgspec
import pytest

from heropixel.api.callers import Caller, CallerKind
from heropixel.api.last_seen import SeenInput
from heropixel.api.needs import NEEDS, Whose
from heropixel.errors import NotAllowed, PixelNotFound
from heropixel.members.shares import SharedLink
from heropixel.reports.question import ReportInput
from heropixel.reports.ranges import RangeInput
from tests.contract.listening import Stream
from tests.contract.reporting import Site
from tests.contract.sharing import visitor_of
from tests.contract.signed_in import ROLES, Browser, Client, key_of, member_of
from tests.contract.test_walls import NOBODYS, OPERATIONS, SCHEMA, Ids, calls, sent
from tests.world import Server

SCOPES = ("RECORD", "READ_FIGURES", "READ_PEOPLE", "MANAGE")
ANY = ("VIEWER", SCOPES)

# The lowest role, and the scopes of which one is enough. A key never manages members, keys or secrets.
FIGURES = ("VIEWER", ("READ_FIGURES",))
SEEING = ("VIEWER", ("READ_FIGURES", "MANAGE"))
PEOPLE = ("ANALYST", ("READ_PEOPLE",))
RECORDING = ("EDITOR", ("RECORD",))
MANAGING = ("EDITOR", ("MANAGE",))
ERASING = ("OWNER", ("MANAGE",))
OWNING: tuple[str, tuple[str, ...]] = ("OWNER", ())
SHARING: tuple[str, tuple[str, ...]] = ("EDITOR", ())
RIGHTS: dict[str, tuple[str, tuple[str, ...]]] = {
    **dict.fromkeys(("query app", "query me", "query hashPreview"), ANY),
    **dict.fromkeys(("query report", "query savedViews"), FIGURES),
    # For everybody, as the test saves it; of the others it tries ids that nobody has.
    "mutation saveView": MANAGING,
    **dict.fromkeys(("mutation changeView", "mutation removeView"), ("VIEWER", ("MANAGE",))),
    **dict.fromkeys(("query pixel", "query pixels"), SEEING),
    **dict.fromkeys(("query user", "query users", "query userPageviews", "query userSessions"), PEOPLE),
    **dict.fromkeys(("query userTimeline", "query userData"), PEOPLE),
    **dict.fromkeys(("query pageviews", "query previewMerge", "query suppressions", "query merges"), PEOPLE),
    **dict.fromkeys(
        ("mutation pageview", "mutation pageviews", "mutation identify", "mutation identifyMany"), RECORDING
    ),
    **dict.fromkeys(("query erasure", "query erasures", "mutation mergeUsers", "mutation unmerge"), MANAGING),
    **dict.fromkeys(("mutation unlink", "mutation relink"), MANAGING),
    **dict.fromkeys(("mutation suppress", "mutation unsuppress"), MANAGING),
    **dict.fromkeys(("mutation createPixel", "mutation updatePixel", "mutation verifyInstallation"), MANAGING),
    **dict.fromkeys(("mutation addDomain", "mutation removeDomain"), MANAGING),
    **dict.fromkeys(("mutation addReturnHost", "mutation removeReturnHost"), MANAGING),
    **dict.fromkeys(("mutation forget", "mutation deletePixel"), ERASING),  # the test erases the pageviews of the pixel
    **dict.fromkeys(("query members", "query keys", "query auditEntries"), OWNING),
    **dict.fromkeys(("mutation inviteMember", "mutation changeMember", "mutation removeMember"), OWNING),
    **dict.fromkeys(("mutation createKey", "mutation revokeKey"), OWNING),
    **dict.fromkeys(("query shares", "mutation createShare", "mutation revokeShare"), SHARING),
    **dict.fromkeys(("mutation rotateSecret", "mutation revokeSecret"), OWNING),
}
# A member's own, which no key may do; and what gives credentials, which needs none.
OWN = {"query sessions"} | {f"mutation {name}" for name in ("setPassword", "showAddresses", "revokeSession", "signOut")}
PUBLIC = {"mutation signIn", "mutation signInByLink", "mutation openShare"}
# A key that is limited to pixels may do no more than these, with its own pixels.
OF_PIXELS = {f"query {name}" for name in ("app", "me", "hashPreview", "pixel", "pixels", "report", "pageviews")}
OF_PIXELS |= {f"mutation {name}" for name in ("pageview", "pageviews", "updatePixel", "deletePixel", "addDomain")}
OF_PIXELS |= {f"mutation {name}" for name in ("removeDomain", "addReturnHost", "removeReturnHost")}
OF_PIXELS |= {"mutation verifyInstallation", "query savedViews"}

NAMES = [f"{kind} {name}" for kind, name in OPERATIONS]


@pytest.fixture(scope="module")
def site(server: Server) -> Site:
    return Site(server)


@pytest.fixture(scope="module")
def members(site: Site) -> dict[str, Browser]:
    return {role: member_of(site, role) for role in ROLES}


@pytest.fixture(scope="module")
def keys(site: Site) -> dict[str, Client]:
    return {scope: key_of(site, scope) for scope in SCOPES}


@pytest.fixture(scope="module")
def limited(site: Site) -> dict[str, Client]:
    return {scope: key_of(site, scope, pixelIds=[site.site]) for scope in SCOPES}


@pytest.fixture(scope="module")
def visitor(site: Site) -> Client:
    return visitor_of(site)


@pytest.fixture(scope="module")
def other(site: Site) -> int:
    """Another pixel of the same app."""
    return int(site.create("Other", "example.com")["pixel"]["id"])


def answers_of(client: Client, operation: str, ids: Ids = NOBODYS) -> list[dict[str, Any]]:
    kind, name = operation.split()
    return [sent(client, kind, name, arguments, auth=False) for arguments in calls(kind, name, ids)]


def is_refused(answers: list[dict[str, Any]]) -> bool:
    refused = {answer["reason"] == "NOT_ALLOWED" for answer in answers}
    assert len(refused) == 1, answers
    return True in refused


def test_of_every_operation_it_is_said_what_it_needs() -> None:
    assert {*RIGHTS, *OWN, *PUBLIC} == {*NAMES}
    subscriptions = SCHEMA.subscription_type
    assert subscriptions
    assert {f"{root.lower()} {name}" for root, needs in NEEDS.items() for name in needs} == {
        *NAMES,
        *(f"subscription {name}" for name in subscriptions.fields),
    }


@pytest.mark.parametrize("operation", RIGHTS)
def test_each_role_may_do_what_it_is_for_and_no_more(members: dict[str, Browser], operation: str) -> None:
    lowest, _ = RIGHTS[operation]
    for place, role in enumerate(ROLES):
        answers = answers_of(members[role], operation)
        assert is_refused(answers) is (place < ROLES.index(lowest)), role
        if is_refused(answers):
            assert answers[0]["message"].startswith(f"Your role is {role}; ")
            least = "EDITOR" if operation == "mutation deletePixel" and role != "EDITOR" else lowest
            assert answers[0]["message"].endswith(f" needs {least}")


@pytest.mark.parametrize("operation", RIGHTS)
def test_each_scope_may_do_what_it_is_for_and_no_more(keys: dict[str, Client], operation: str) -> None:
    lowest, enough = RIGHTS[operation]
    for scope, key in keys.items():
        answers = answers_of(key, operation)
        assert is_refused(answers) is (scope not in enough), scope
        if is_refused(answers):
            assert answers[0]["message"].startswith(f"This key has the scope {scope}; ")
            needed = " or ".join(sorted(enough)) or f"a member who is {lowest}, or the secret of the app"
            assert answers[0]["message"].endswith(f" needs {needed}")


@pytest.mark.parametrize("operation", RIGHTS)
def test_a_key_for_some_pixels_neither_sees_nor_changes_others(
    site: Site, limited: dict[str, Client], other: int, operation: str
) -> None:
    _, enough = RIGHTS[operation]
    of_other: Ids = {**NOBODYS, "pixel": other, "pixels": [other]}
    before = site.pixel(other)
    for scope in enough:
        answers = answers_of(limited[scope], operation, of_other)
        assert is_refused(answers) is (operation not in OF_PIXELS), scope
        if operation in OF_PIXELS:
            assert answers == answers_of(limited[scope], operation), "as unknown as nobody's"
    assert site.pixel(other) == before


@pytest.mark.parametrize("operation", sorted(OWN))
def test_what_is_a_members_own_no_key_and_no_secret_does(site: Site, keys: dict[str, Client], operation: str) -> None:
    basic = Client(site.server, Authorization=basic_of(site))
    for client in (*keys.values(), basic):
        assert is_refused(answers_of(client, operation))
    assert {answer["reason"] for answer in answers_of(Client(site.server), operation)} == {"INVALID_CREDENTIALS"}


@pytest.mark.parametrize("operation", NAMES)
def test_a_share_runs_no_document_but_those_of_its_views(site: Site, visitor: Client, operation: str) -> None:
    kind, name = operation.split()
    for arguments in calls(kind, name, {**NOBODYS, "pixel": site.site, "pixels": [site.site]}):
        body = sent(lambda query, **variables: visitor.post(query, variables).json(), kind, name, arguments, auth=False)
        assert "data" not in body
        (error,) = body["errors"]
        assert error["extensions"] == {"code": 400, "reason": "NOT_ALLOWED"}
        assert "the documents of its views" in error["message"]


@pytest.mark.parametrize(("root", "operation"), [(root, name) for root, needs in NEEDS.items() for name in needs])
def test_even_by_a_document_of_its_views_a_share_does_nothing_but_read_figures_and_people_if_it_shows_them(
    root: str, operation: str
) -> None:
    visitor = Caller(CallerKind.SHARE, None, pixels=frozenset({1}))
    of_people = msgspec.structs.replace(
        visitor, share=SharedLink("shr_1", 1, 1, "", False, None, (), b"", 0, None, None, True)
    )
    need = NEEDS[root][operation]
    if operation in ("me", "pixels", "report") and root == "Query":
        need.check(visitor, {"report": ReportInput(RangeInput(name="TODAY"))})
    elif need.who is Whose.CALLERS:
        with pytest.raises(NotAllowed, match="figures only"):
            need.check(visitor, {})
        if (root, operation) == ("Query", "users"):
            need.check(of_people, {"seen": SeenInput([1])})
            with pytest.raises(PixelNotFound):
                need.check(of_people, {"seen": SeenInput([1, 2])})
        else:
            with pytest.raises(NotAllowed, match="figures and who was here"):
                need.check(of_people, {})


def basic_of(site: Site) -> str:
    return str(httpx.BasicAuth(site.auth["appId"], site.auth["appSecret"])._auth_header)


def test_a_key_for_some_pixels_lists_and_verifies_only_those(
    site: Site, limited: dict[str, Client], other: int
) -> None:
    listed = limited["MANAGE"]("{ pixels { totalCount nodes { id } } }")
    assert listed == {"totalCount": 1, "nodes": [{"id": site.site}]}
    assert other != site.site


def test_a_report_about_users_needs_people(members: dict[str, Browser], keys: dict[str, Client], site: Site) -> None:
    asks = [
        "dimensions: [USER]",
        'filter: { on: { dimension: USER, is: ["1"] } }',
        'filter: { not: { and: [{ on: { dimension: USER, is: ["1"] } }] } }',
    ]
    for ask in asks:
        report = f"{{ pixelIds: [{site.site}], range: {{ name: LAST_7_DAYS }}, {ask} }}"
        query = f"{{ report(report: {report}) {{ code reason }} }}"
        assert members["VIEWER"](query)["reason"] == keys["READ_FIGURES"](query)["reason"] == "NOT_ALLOWED"
        assert members["ANALYST"](query)["code"] == 200


def test_deleting_a_pixel_needs_an_editor_and_erasing_its_pageviews_an_owner(members: dict[str, Browser]) -> None:
    query = "mutation ($how: PageviewsOfPixel!) { deletePixel(id: 2000000001, pageviews: $how) { reason message } }"
    assert members["ANALYST"](query, how="KEEP")["message"] == "Your role is ANALYST; deleting a pixel needs EDITOR"
    assert members["EDITOR"](query, how="KEEP")["reason"] == "PIXEL_NOT_FOUND"
    assert members["EDITOR"](query, how="ERASE")["message"] == "Your role is EDITOR; erasing pageviews needs OWNER"
    assert members["OWNER"](query, how="ERASE")["reason"] == "PIXEL_NOT_FOUND"


def test_a_key_that_records_is_not_told_who_somebody_is(site: Site, keys: dict[str, Client]) -> None:
    site.identify(email="anna@example.com", traits={"plan": "pro"})
    query = (
        "mutation ($event: PageviewEventInput!, $user: UserInput!) { pageview(event: $event)"
        " { message data user { id } } pageviews(events: [$event]) { results { message data user { id } } }"
        " identify(user: $user) { message data user { id } } }"
    )
    event = {"pixelId": site.site, "domain": "example.com", "email": "anna@example.com"}
    variables = {"event": event, "user": {"email": "anna@example.com"}}
    data = keys["RECORD"].post(query, variables).json()["data"]
    hidden: dict[str, Any] = {"message": "User Found", "data": {}, "user": None}
    assert data["pageview"] == data["pageviews"]["results"][0] == hidden
    assert data["identify"] == {"message": "User unchanged", "data": {"result": "UNCHANGED"}, "user": None}
    both = key_of(site, "RECORD", "READ_PEOPLE").post(query, variables).json()["data"]
    assert both["pageview"]["data"] == {"plan": "pro"}
    assert both["identify"]["user"]


LIVE = "subscription ($pixelIds: [Int!]) { pageviewRecorded(pixelIds: $pixelIds) { title } }"


async def said_of(client: Client, pixels: list[int]) -> str | None:
    """The reason for which a subscription is refused; None where it is not."""
    headers = {**client.headers, "Accept": "text/event-stream"}
    body = {"query": LIVE, "variables": {"pixelIds": pixels}}
    async with (
        httpx.AsyncClient(base_url=client.server.url, timeout=30, verify=False) as http,
        http.stream("POST", "/graphql", json=body, headers=headers) as heard,
    ):
        first = await anext(heard.aiter_text())
        return first.partition('"reason":"')[2].partition('"')[0] or None


async def test_watching_pageviews_needs_people_and_stays_within_the_pixels_of_a_key(
    site: Site, members: dict[str, Browser], keys: dict[str, Client], limited: dict[str, Client], other: int
) -> None:
    own = [site.site]
    reasons = {role: await said_of(members[role], own) for role in ROLES}
    assert reasons == {"VIEWER": "NOT_ALLOWED", "ANALYST": None, "EDITOR": None, "OWNER": None}
    assert {scope for scope in SCOPES if await said_of(keys[scope], own) is None} == {"READ_PEOPLE"}
    assert await said_of(limited["READ_PEOPLE"], own) is None
    assert await said_of(limited["READ_PEOPLE"], [other]) == "PIXEL_NOT_FOUND"
    headers = {**limited["READ_PEOPLE"].headers, "Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=site.server.url, timeout=30, verify=False) as http,
        http.stream("POST", "/graphql", json={"query": LIVE}, headers=headers) as response,
    ):
        stream = Stream(response)
        await asyncio.to_thread(lambda: site.pageview(pixelId=other, title="Of the other pixel"))
        await asyncio.to_thread(lambda: site.pageview(title="Of its own"))
        assert await stream.pageview() == {"title": "Of its own"}, "where it names none, it gets its own"
