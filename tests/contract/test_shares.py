"""Shares: made by an editor, opened by anybody who has the link, and ended by time or by hand."""

import time
from typing import Any

import httpx
import pytest

from tests.contract.reporting import Site
from tests.contract.sharing import documents, opened, shared, token_of, visitor_of
from tests.contract.signed_in import Client, member_of
from tests.world import Server

SWISS: dict[str, Any] = {"on": {"dimension": "COUNTRY", "is": ["CH"]}}
SHARES = """
    query ($auth: AuthInput, $pixel: Int) {
        shares(auth: $auth, pixelId: $pixel) { totalCount nodes { id name lastUsed filter } }
    }
"""
REVOKE = (
    "mutation ($auth: AuthInput, $id: ID!) { revokeShare(auth: $auth, id: $id) { code message reason share { id } } }"
)
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def site(server: Server) -> Site:
    site = Site(server)
    for country in ("CH", "CH", "DE"):
        site.pageview(country=country, url="https://example.com/", email="anna@example.com")
    site.seen(3)
    return site


def looked(visitor: Client, **report: Any) -> dict[str, Any]:
    """What a visitor sees by the document of a table."""
    asked = {"range": {"name": "LAST_7_DAYS"}, "metrics": ["PAGEVIEWS"], "dimensions": ["COUNTRY"], **report}
    body = visitor.post(documents()["Table"], {"report": asked}).json()
    return dict(body["data"]["report"])


def test_a_share_has_a_name_and_a_link_that_is_shown_once(site: Site) -> None:
    made = shared(site, "For the agency", filter=SWISS, embedOn=["HTTPS://Blog.Example.com:8443/"])
    share = made["share"]
    assert made["link"].startswith(f"{site.server.url}/share?id={share['id']}#share=")
    assert share["name"] == "For the agency"
    assert share["filter"] == SWISS
    assert share["embedOn"] == ["https://blog.example.com:8443"]
    assert (share["hasPassword"], share["expiresAt"], share["lastUsed"]) == (False, None, None)
    assert made["data"]["link"] == made["link"]
    listed = site(SHARES)["nodes"]
    assert share["id"] in [node["id"] for node in listed]
    assert token_of(made) not in str(listed)


def test_whoever_has_the_link_sees_figures_within_its_filter_and_nothing_else_of_the_pixel(site: Site) -> None:
    everything, swiss = visitor_of(site), visitor_of(site, filter=SWISS)
    assert {row["country"]: row["pageviews"] for row in looked(everything)["rows"]} == {"CH": 2, "DE": 1}
    assert {row["country"]: row["pageviews"] for row in looked(swiss)["rows"]} == {"CH": 2}
    foreign = {"or": [{"on": {"dimension": "COUNTRY", "is": ["DE"]}}, {"not": SWISS}]}
    assert looked(swiss, filter=foreign)["rows"] == []
    assert looked(swiss, dimensions=["USER"])["reason"] == "NOT_ALLOWED"


def test_a_share_shows_people_only_if_an_owner_or_the_secret_says_so(site: Site) -> None:
    query = 'mutation ($pixel: Int!) { createShare(pixelId: $pixel, name: "x", showPeople: true) { message reason } }'
    refused = member_of(site, "EDITOR")(query, pixel=site.site)
    assert refused["message"] == "Your role is EDITOR; letting a share show people needs OWNER"
    assert member_of(site, "OWNER")(query, pixel=site.site)["reason"] is None
    made = shared(site, showPeople=True)["share"]
    assert made["showPeople"] is True
    figures = visitor_of(site)
    assert looked(figures, dimensions=["USER"])["reason"] == "NOT_ALLOWED"


def test_of_the_people_of_a_share_addresses_are_masked_and_nothing_is_told_of_what_they_did_elsewhere(
    site: Site,
) -> None:
    visitor = visitor_of(site, filter=SWISS, showPeople=True)
    seen = {"first": 5, "seen": {"pixelIds": [site.site]}}
    (person,) = visitor.post(documents()["People"], seen).json()["data"]["users"]["nodes"]
    assert person["emails"] == ["a•••@example.com"]
    assert (person["pageviewCount"], person["seenInRange"]["pageviewCount"]) == (2, 2)  # of three
    assert person["firstSource"] is None


def test_a_visitor_is_told_the_name_of_the_share_and_not_of_the_app_or_where_the_pixel_is_used(site: Site) -> None:
    visitor = visitor_of(site, name="For you")
    body = visitor.post(
        documents()["WholeTable"], {"report": {"range": {"name": "TODAY"}, "pixelIds": [site.site]}}
    ).json()["data"]
    assert body["pixels"]["nodes"] == [{"id": site.site, "name": "For you", "domains": []}]
    assert (body["me"]["kind"], body["me"]["app"], body["me"]["member"]) == ("SHARE", None, None)


def test_a_share_with_a_password_is_opened_by_it_alone(site: Site) -> None:
    token = token_of(shared(site, password=PASSWORD))
    asked = opened(site.server, token)
    assert (asked["reason"], asked["bearer"], asked["share"]) == ("SHARE_PASSWORD_NEEDED", None, None)
    assert opened(site.server, token, "wrong horse battery")["reason"] == "SHARE_PASSWORD_WRONG"
    assert opened(site.server, token, PASSWORD)["share"]["pixelId"] == site.site
    assert shared(site, password="short")["reason"] == "INVALID_PASSWORD"


def test_the_token_alone_is_no_credential_and_neither_is_another_shares_signature(site: Site) -> None:
    token = token_of(shared(site, password=PASSWORD))
    bearer = opened(site.server, token_of(shared(site)))["bearer"]
    _, ends, signature = bearer.split(".")
    for forged in (
        token,
        f"hpv_{token}",
        f"hpv_{token}.{ends}.{signature}",
        f"{bearer[:-1]}x",
        bearer.replace(ends, f"{ends}0"),
    ):
        visitor = Client(site.server, Authorization=f"Bearer {forged}")
        answer = visitor.post(documents()["Table"], {"report": {"range": {"name": "TODAY"}}}).json()
        assert answer["data"]["report"]["reason"] == "INVALID_CREDENTIALS"


def test_wrong_passwords_are_limited_and_right_ones_are_not(site: Site) -> None:
    token = token_of(shared(site, password=PASSWORD))
    for _ in range(12):
        assert opened(site.server, token, PASSWORD)["code"] == 200
    reasons = [opened(site.server, token, "wrong horse battery")["reason"] for _ in range(11)]
    assert reasons == ["SHARE_PASSWORD_WRONG"] * 10 + ["SHARE_LOCKED"]
    locked = opened(site.server, token, PASSWORD)
    assert locked["message"].startswith("There were too many wrong passwords for this link: try again in ")


def test_a_share_that_expires_says_so_to_its_visitors_and_to_those_who_look_at_it(site: Site) -> None:
    made = shared(site, expiresAt=time.time() + 3)
    bearer = opened(site.server, token_of(made))["bearer"]
    visitor = Client(site.server, Authorization=f"Bearer {bearer}")
    assert looked(visitor)["code"] == 200
    deadline = time.monotonic() + 30
    while looked(visitor)["code"] == 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert looked(visitor)["reason"] == "INVALID_CREDENTIALS"
    answer = opened(site.server, token_of(made))
    assert answer["reason"] == "SHARE_EXPIRED"
    assert answer["message"] == "This link has expired. Ask the person who gave it to you for another"


def test_a_revoked_share_ends_at_once_also_for_those_who_look_at_it(site: Site) -> None:
    made = shared(site)
    visitor = Client(site.server, Authorization=f"Bearer {opened(site.server, token_of(made))['bearer']}")
    assert looked(visitor)["code"] == 200
    assert site(REVOKE, id=made["share"]["id"])["share"] == {"id": made["share"]["id"]}
    assert looked(visitor)["reason"] == "INVALID_CREDENTIALS"
    assert opened(site.server, token_of(made))["reason"] == "SHARE_REVOKED"
    assert site(REVOKE, id=made["share"]["id"])["reason"] == "SHARE_NOT_FOUND"


def test_a_share_ends_with_its_pixel(site: Site) -> None:
    pixel = site.create("Soon gone", "example.com")["pixel"]["id"]
    made = shared(site, pixel=pixel)
    site(
        "mutation ($auth: AuthInput, $id: Int!) { deletePixel(auth: $auth, id: $id, pageviews: KEEP) { code } }",
        id=pixel,
    )
    assert opened(site.server, token_of(made))["reason"] == "SHARE_REVOKED"


def test_when_a_share_was_last_looked_at_is_listed(site: Site) -> None:
    made = shared(site)
    looked(Client(site.server, Authorization=f"Bearer {opened(site.server, token_of(made))['bearer']}"))
    (kept,) = (node for node in site(SHARES, pixel=site.site)["nodes"] if node["id"] == made["share"]["id"])
    assert kept["lastUsed"] is not None
    assert site(SHARES, pixel=2_000_000_001)["totalCount"] == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"pixel": 2_000_000_001}, "PIXEL_NOT_FOUND"),
        ({"name": " "}, "INVALID_NAME"),
        ({"expiresAt": 1}, "INVALID_EXPIRY"),
        ({"filter": {"and": []}}, "INVALID_FILTER"),
        ({"filter": {"not": {"on": {"dimension": "USER", "is": ["1"]}}}}, "INVALID_FILTER"),
        *(
            ({"embedOn": [origin]}, "INVALID_ORIGIN")
            for origin in ("*", "example.com", "https://a.example; script-src *", "https://a.example/page", "https://")
        ),
        ({"embedOn": ["https://example.com"] * 21}, "INVALID_ORIGIN"),
    ],
)
def test_what_no_share_can_have_is_refused_with_the_reason(site: Site, more: dict[str, Any], reason: str) -> None:
    assert shared(site, **more)["reason"] == reason


def test_what_editors_do_with_shares_is_in_the_audit_list(site: Site) -> None:
    editor = member_of(site, "EDITOR", "sharing@example.com")
    made = editor(f'mutation {{ createShare(pixelId: {site.site}, name: "By an editor") {{ code share {{ id }} }} }}')
    editor(REVOKE.replace("$auth: AuthInput, ", "").replace("auth: $auth, ", ""), id=made["share"]["id"])
    entries = site("query ($auth: AuthInput) { auditEntries(auth: $auth, first: 2) { nodes { by action about } } }")
    assert entries["nodes"] == [
        {"by": "MEMBER", "action": action, "about": made["share"]["id"]} for action in ("revokeShare", "createShare")
    ]


def test_only_pages_that_a_share_names_may_frame_it(site: Site) -> None:
    framed = shared(site, embedOn=["https://a.example", "http://b.example:8080"])["share"]["id"]
    unframed = shared(site)["share"]["id"]

    def page(query: str) -> httpx.Response:
        return site.server.http.get(f"/share{query}")

    assert (
        "frame-ancestors https://a.example http://b.example:8080;"
        in page(f"?id={framed}").headers["content-security-policy"]
    )
    assert "x-frame-options" not in page(f"?id={framed}").headers
    for query in (f"?id={unframed}", "", "?id=shr_0000000000000000"):
        assert "frame-ancestors 'none';" in page(query).headers["content-security-policy"]
        assert page(query).headers["x-frame-options"] == "DENY"
    again = page(f"?id={framed}")
    kept = site.server.http.get(f"/share?id={framed}", headers={"If-None-Match": again.headers["etag"]})
    assert (kept.status_code, "https://a.example" in kept.headers["content-security-policy"]) == (304, True)
