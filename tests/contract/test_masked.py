"""Who sees addresses, and who sees them masked: in fields, in `data`, in lists, live. And the audit list."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.contract.listening import Stream, basic, stream
from tests.contract.reporting import Site
from tests.contract.signed_in import OURS, Browser, Client, invited, key_of, made_key, member_of
from tests.world import Server, command

EMAIL, PHONE = "johanna.doe@example.com", "+14155550177"
TRAITS = {
    "contact": "Johanna <johanna.doe@example.com>",
    "nested": [{"mail": EMAIL}],
    "phone": "415 555 01 77",
    "tel": "office 415 555 01 77",
    "note": "call +14155550177",
    "seenAt": "/u?mail=johanna%40example.com",
    "plan": "pro",
}
HIDDEN = ("johanna.doe", "johanna%2Edoe", "4155550177", "415 555 01")


@pytest.fixture(scope="module")
def site(server: Server) -> Site:
    site = Site(server)
    site.identify(externalId="c-1", email=EMAIL, phone=PHONE, traits=TRAITS)
    site.identify(externalId="c-2")
    site("mutation ($auth: AuthInput, $c: [ContactInput!]!) { suppress(auth: $auth, contacts: $c) { code } }",
         c=[{"email": "johanna.doe@hidden.example"}])  # fmt: skip
    site.see(f"https://example.com/u/{PHONE}", externalId="c-1", title=f"Orders of {EMAIL}", properties={"m": EMAIL})
    site.seen(1)
    return site


@pytest.fixture(scope="module")
def analyst(site: Site) -> Browser:
    return member_of(site, "ANALYST")


@pytest.fixture(scope="module")
def editor(site: Site) -> Browser:
    return member_of(site, "EDITOR")


USER = "id externalId traits emails phones"
ASKS = {
    "a user": f'{{ a: user(by: {{ externalId: "c-1" }}) {{ code data emails phones user {{ {USER} }} }} }}',
    "a list": f"{{ a: users {{ code data nodes {{ {USER} }} edges {{ node {{ {USER} }} }} }} }}",
    "pageviews": "{ a: pageviews(pixelIds: [PIXEL]) { code data nodes { url title path properties } } }",
    "a user's pageviews": '{ a: userPageviews(by: { externalId: "c-1" }) { code data nodes { title properties } } }',
    "a preview": '{ a: previewMerge(user: { externalId: "c-1" }) { code data user { traits } } }',
    "suppressions": "{ a: suppressions { code data nodes { contact } } }",
    "a report of a trait": "{ a: report(report: { pixelIds: [PIXEL], range: { name: LAST_7_DAYS }, dimensions: [TRAIT],"
    ' trait: "phone" }) { code data rows { trait } } }',
    "a fragment": '{ a: user(by: { externalId: "c-1" }) { code ...F } }'
    f" fragment F on UserResponse {{ user {{ {USER} }} }}",
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_an_analyst_sees_people_with_addresses_masked(site: Site, analyst: Browser, ask: str) -> None:
    query = ask.replace("PIXEL", str(site.site))
    shown = analyst(query)
    assert shown["code"] == 200
    assert "•••" in json.dumps(shown, ensure_ascii=False)
    assert [text for text in HIDDEN if text in json.dumps(shown)] == []
    plain = key_of(site, "READ_PEOPLE", "READ_FIGURES")(query)
    assert any(text in json.dumps(plain) for text in HIDDEN), "a key for people is made for that"


def test_what_is_masked_still_says_whose_provider_it_is(analyst: Browser) -> None:
    user = analyst(ASKS["a user"])["user"]
    assert user["emails"] == ["j•••@example.com"]
    assert user["phones"] == ["+1••••••77"]
    assert user["traits"]["plan"] == "pro"
    assert user["externalId"] == "c-1"


def test_the_switch_is_a_members_own_and_needs_the_role_editor(site: Site, analyst: Browser, editor: Browser) -> None:
    switch = "mutation ($on: Boolean!) { showAddresses(on: $on) { message reason member { showAddresses } } }"
    assert analyst(switch, on=True)["message"] == "Your role is ANALYST; showing addresses needs EDITOR"
    assert editor(ASKS["a user"])["user"]["emails"] == ["j•••@example.com"], "masked at first"
    assert editor(switch, on=True)["member"] == {"showAddresses": True}
    assert editor(ASKS["a user"])["user"]["emails"] == [EMAIL]
    assert editor(switch, on=False)["member"] == {"showAddresses": False}
    switched = [entry for entry in audited(site) if entry["action"] == "showAddresses"]
    assert [entry["about"] for entry in switched] == ["masked", "shown"]
    assert {entry["byId"] for entry in switched} == {editor.me()["member"]["id"]}
    assert editor(ASKS["a user"])["user"]["emails"] == ["j•••@example.com"]


def test_a_masked_address_cannot_be_found_out_letter_by_letter(analyst: Browser) -> None:
    query = "query ($prefix: String!) { users(search: { emailPrefix: $prefix }) { code reason nodes { externalId } } }"
    assert analyst(query, prefix="johanna.d")["reason"] == "INVALID_SEARCH"
    assert analyst(query, prefix="johanna.doe@ex")["nodes"] == [{"externalId": "c-1"}], "who knows it may look for it"


def test_a_search_by_text_finds_nothing_that_is_masked(site: Site, analyst: Browser) -> None:
    users = "users(auth: $auth, search: { text: $text }) { nodes { externalId } }"
    query = f"query ($auth: AuthInput, $text: String!) {{ {users} }}"
    found = [{"externalId": "c-1"}]
    for text in ("johanna.d", EMAIL, "example.com", "+14155", "office", "mail=joh"):
        assert site(query, text=text)["nodes"] == found, text
        assert analyst(query, text=text)["nodes"] == [], text
    for text in ("pro", "c-1"):
        assert analyst(query, text=text)["nodes"] == found, text


@pytest.mark.parametrize("part", [{"contains": ["u/+1415"]}, {"contains": ["5501"]}, {"wildcard": ["*0177"]}])
def test_a_filter_by_a_part_finds_nothing_that_is_masked(site: Site, analyst: Browser, part: dict[str, Any]) -> None:
    """In reports, lists and who was here; negated, it finds all of them."""
    range_ = "range: { name: LAST_7_DAYS }"
    query = f"""query ($auth: AuthInput, $pixels: [Int!]!, $filter: FilterInput) {{
        report(auth: $auth, report: {{ pixelIds: $pixels, {range_}, filter: $filter }}) {{ totals {{ pageviews }} }}
        pageviews(auth: $auth, pixelIds: $pixels, filter: $filter) {{ totalCount }}
        users(auth: $auth, seen: {{ pixelIds: $pixels, filter: $filter }}, orderBy: LAST_SEEN) {{ totalCount }}
    }}"""

    def counts(client: Client | Site, filter_: dict[str, Any]) -> list[int]:
        auth = {"auth": site.auth} if client is site else {}
        headers = {} if isinstance(client, Site) else client.headers
        variables = {**auth, "pixels": [site.site], "filter": filter_}
        body = site.server.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()
        data = body["data"]
        return [
            data["report"]["totals"]["pageviews"],
            data["pageviews"]["totalCount"],
            data["users"]["totalCount"],
        ]

    whole = {"on": {"dimension": "PAGE", "is": [f"/u/{PHONE}"]}}
    asked = {"on": {"dimension": "PAGE", **part}}
    assert counts(site, whole) == [1, 1, 1]
    assert counts(site, {"and": [whole, asked]}) == [1, 1, 1]
    assert counts(analyst, {"and": [whole, asked]}) == [0, 0, 0]
    assert counts(analyst, {"and": [whole, {"not": asked}]}) == [1, 1, 1]
    assert counts(analyst, whole) == counts(site, whole) == [1, 1, 1], "who knows it may look for it"


def test_a_filter_by_a_part_of_a_trait_finds_nothing_that_is_masked(site: Site, analyst: Browser) -> None:
    query = """query ($auth: AuthInput, $pixels: [Int!]!, $on: ConditionInput) {
        report(auth: $auth, report: { pixelIds: $pixels, range: { name: LAST_7_DAYS }, filter: { on: $on } }) {
            totals { pageviews } } }"""
    for trait, part, found in (("contact", "joh", 0), ("phone", "415 5", 0), ("plan", "pr", 1)):
        on = {"dimension": "TRAIT", "trait": trait, "contains": [part]}
        assert analyst(query, pixels=[site.site], on=on)["totals"] == {"pageviews": found}, trait
        assert site(query, pixels=[site.site], on=on)["totals"] == {"pageviews": 1}, trait


def test_members_read_their_own_email_beside_masked_people(analyst: Browser) -> None:
    query = 'query { me { member { email } } user(by: { externalId: "c-1" }) { emails } }'
    data = analyst.post(query).json()["data"]
    assert "•" not in data["me"]["member"]["email"]
    assert data["user"]["emails"] == ["j•••@example.com"]


async def test_pageviews_are_masked_live_too(site: Site, analyst: Browser) -> None:
    headers = {**OURS, "Cookie": analyst.headers["Cookie"], "Accept": "text/event-stream"}
    query = {"query": "subscription { pageviewRecorded { title } }"}
    async with (
        httpx.AsyncClient(base_url=site.server.url, timeout=30, verify=False) as http,
        http.stream("POST", "/graphql", json=query, headers=headers) as response,
    ):
        masked = Stream(response)
        async with stream(site.server, query["query"], headers={"authorization": basic(site.auth)}) as plain:
            await asyncio.to_thread(lambda: site.see("https://example.com/", title=f"For {EMAIL}"))
            assert await masked.pageview() == {"title": "For j•••@example.com"}
            assert await plain.next() == ("next", {"data": {"pageviewRecorded": {"title": f"For {EMAIL}"}}})


async def test_what_is_live_ends_with_the_session(site: Site) -> None:
    member = member_of(site, "ANALYST", "leaving@example.com")
    headers = {**OURS, "Cookie": member.headers["Cookie"], "Accept": "text/event-stream"}
    query = {"query": "subscription { pageviewRecorded { title } }"}
    async with (
        httpx.AsyncClient(base_url=site.server.url, timeout=30, verify=False) as http,
        http.stream("POST", "/graphql", json=query, headers=headers) as response,
    ):
        await asyncio.to_thread(lambda: member("mutation { signOut { code } }"))
        _, body = await Stream(response).next()
        assert body["errors"][0]["extensions"]["reason"] == "INVALID_CREDENTIALS"


# --- the audit list ---


def audited(site: Site) -> list[dict[str, Any]]:
    return list(
        site("query ($auth: AuthInput) { auditEntries(auth: $auth) { nodes { by byId action about } totalCount } }")[
            "nodes"
        ]
    )


def test_what_members_and_keys_do_is_listed_without_personal_data(server: Server) -> None:
    site = Site(server)
    owner = member_of(site, "OWNER")
    made = made_key(site, "MANAGE")
    key = Client(server, Authorization=f"Bearer {made['secret']}")
    site.identify(externalId="c-9", email="audited@example.com")
    forget = 'mutation { forget(by: { email: "audited@example.com" }) { erasure { id } } }'
    suppress = 'mutation { suppress(contacts: [{ email: "audited@example.com" }]) { code } }'
    assert key(suppress)["code"] == 200
    receipt = owner(forget)["erasure"]["id"]
    invited(site, "audited-member@example.com")
    refused = member_of(site, "VIEWER")(forget.replace("erasure { id }", "reason"))
    assert refused["reason"] == "NOT_ALLOWED"
    entries = audited(site)
    assert [(entry["by"], entry["action"]) for entry in entries] == [
        ("SECRET", "inviteMember"),  # the viewer
        ("SECRET", "inviteMember"),
        ("MEMBER", "forget"),
        ("KEY", "suppress"),
        ("SECRET", "createKey"),
        ("SECRET", "inviteMember"),  # the owner
    ]
    assert (entries[2]["byId"], entries[2]["about"]) == (owner.me()["member"]["id"], receipt)
    assert (entries[3]["byId"], entries[3]["about"]) == (made["key"]["id"], "1 contact")
    assert entries[4]["about"] == made["key"]["id"]
    assert "audited" not in json.dumps(entries)
    printed = json.loads(command(server.world, "audit", "--app", site.auth["appId"], "--json"))
    assert [entry["action"] for entry in printed] == [entry["action"] for entry in entries]


def test_what_one_only_tried_is_not_listed(server: Server) -> None:
    site = Site(server)
    owner = member_of(site, "OWNER")
    owner('mutation { inviteMember(email: "nobody", role: VIEWER) { code } }')
    owner('mutation { revokeKey(id: "key_0") { code } }')
    assert [entry["action"] for entry in audited(site)] == ["inviteMember"]
