"""Requests from a share's visitor are generated: they get nothing outside its filter and no other pixel.

They get people only by a share that shows people, and masked.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heropixel.api.masking import masked
from heropixel.api.schema import load_schema
from heropixel.reports.question import Metric
from tests.chromium.chromium import need_dashboard
from tests.contract.listening import socket, subscribing
from tests.contract.reporting import Site
from tests.contract.sharing import documents, visitor_of
from tests.contract.signed_in import Client
from tests.session.examples import examples
from tests.world import Server

SCHEMA = load_schema()
DIMENSIONS = [*SCHEMA.type_map["Dimension"].values]  # type: ignore[attr-defined]  # an enumeration
OF_VIEWS = ("Overview", "Table", "WholeTable", "Now", "People")
SECRETS = ("anna@", "berta@", "+4144", "Hidden site", "hidden.example")  # of nobody's share
NAMES = ("Anna Meier", "Berta Frei")
OF_SHARE: list[dict[str, Any]] = [
    {"on": {"dimension": "COUNTRY", "is": ["CH"]}},
    {"not": {"on": {"dimension": "PAGE", "wildcard": ["/u/*"]}}},
    {"or": [{"on": {"dimension": "COUNTRY", "is": ["DE"]}}, {"on": {"dimension": "ENTRY_PAGE", "contains": ["shop"]}}]},
]
VALUES = st.sampled_from(["CH", "DE", "", "/shop", "/u/anna@example.com", "autumn", "1", "2", "Direct", "*", "DIRECT"])
OPERATORS = st.sampled_from(["is", "isNot", "contains", "containsNot", "wildcard"])
CONDITIONS = st.builds(
    lambda dimension, operator, values: {"on": {"dimension": dimension, operator: values}},
    st.sampled_from(DIMENSIONS),
    OPERATORS,
    st.lists(VALUES, min_size=1, max_size=2),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: (
        st.builds(lambda parts: {"and": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda parts: {"or": parts}, st.lists(inner, min_size=1, max_size=2))
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=3,
)


class Shop(Site):
    """A pixel of which some is shared, beside one that is not."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.hidden = int(self.create("Hidden site", "hidden.example")["pixel"]["id"])
        self.identify(
            email="anna@example.com", phone="+41441234567", traits={"name": "Anna Meier", "boss": "berta@example.com"}
        )
        self.identify(email="berta@example.com", traits={"name": "Berta Frei"})
        self.pageview(pixelId=self.hidden, domain="hidden.example", email="berta@example.com")
        for number in range(24):
            self.pageview(
                pixelId=self.hidden if number % 6 == 5 else self.site,
                domain="hidden.example" if number % 6 == 5 else "example.com",
                url=f"https://example.com/{('', 'shop', 'u/anna@example.com', 'about')[number % 4]}",
                country=("CH", "DE", "FR")[number % 3],
                **({"email": "anna@example.com"} if number % 5 == 0 else {"visitorId": f"v{number % 7}"}),
                **({"utmCampaign": "autumn"} if number % 3 == 0 else {}),
            )
        self.seen(20)
        # Those of shares that show people come last.
        self.visitors = [
            visitor_of(self, name="Shared", filter=filter_, showPeople=people)
            for people in (False, True)
            for filter_ in OF_SHARE
        ]

    def owns(self, document: str, **variables: Any) -> dict[str, Any]:
        """What the owner is answered, with addresses masked."""
        basic = (self.auth["appId"], self.auth["appSecret"])
        body = self.server.http.post("/graphql", json={"query": document, "variables": variables}, auth=basic).json()
        return dict(masked(body)["data"])

    def reports(self) -> st.SearchStrategy[dict[str, Any]]:
        """Whatever a visitor might send as a report."""
        return st.fixed_dictionaries(
            {"range": st.sampled_from([{"name": "LAST_7_DAYS"}, {"name": "TODAY"}])},
            optional={
                "pixelIds": st.lists(st.sampled_from([self.site, self.site, self.hidden, 1]), max_size=2),
                "metrics": st.lists(st.sampled_from([*Metric]), min_size=1, max_size=4),
                "dimensions": st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True),
                "trait": st.sampled_from(["name", "boss"]),
                "filter": FILTERS,
                "traffic": st.lists(st.sampled_from(["PEOPLE", "BOTS", "AI_AGENTS"]), min_size=1, unique=True),
                "compare": st.just({"to": "PREVIOUS_PERIOD"}),
                "limit": st.integers(1, 50),
            },
        )

    def seen_inputs(self) -> st.SearchStrategy[dict[str, Any]]:
        """Whatever a visitor might send to see who was here."""
        return st.fixed_dictionaries(
            {
                "pixelIds": st.lists(
                    st.sampled_from([self.site, self.site, self.site, self.hidden]), min_size=1, max_size=2
                )
            },
            optional={
                "range": st.sampled_from([{"name": "LAST_7_DAYS"}, {"name": "YESTERDAY"}]),
                "filter": FILTERS,
                "traffic": st.lists(st.sampled_from(["PEOPLE", "BOTS", "AI_AGENTS"]), min_size=1, unique=True),
            },
        )


@pytest.fixture(scope="module")
def shop(server: Server) -> Shop:
    need_dashboard()
    return Shop(server)


def about_people(report: dict[str, Any]) -> bool:
    def names(given: dict[str, Any]) -> bool:
        if "on" in given:
            return given["on"]["dimension"] in ("USER", "TRAIT")
        return any(
            map(names, [*given.get("and", ()), *given.get("or", ()), *([given["not"]] if "not" in given else ())])
        )

    return bool({"USER", "TRAIT"} & {*report.get("dimensions", ())}) or ("filter" in report and names(report["filter"]))


@settings(deadline=None)
@given(data=st.data())
def test_a_visitor_gets_what_the_owner_gets_with_the_filter_before_theirs_and_nothing_else(
    shop: Shop, data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(shop.visitors) - 1))
    shows_people = which >= len(OF_SHARE)
    report = data.draw(shop.reports())
    answer = shop.visitors[which].post(documents()["Table"], {"report": report}).json()
    assert "errors" not in answer, answer
    got = answer["data"]["report"]
    assert not any(secret in str(answer) for secret in (*SECRETS, *(() if shows_people else NAMES)))
    if about_people(report) and not shows_people:
        assert got["rows"] is None
        assert got["reason"] in ("NOT_ALLOWED", "PIXEL_NOT_FOUND")
        return
    if {*report.get("pixelIds", ())} - {shop.site}:
        assert (got["rows"], got["reason"]) == (None, "PIXEL_NOT_FOUND")
        return
    owners = {"pixelIds": [shop.site], **report, "filter": within(which, report)}
    assert got == shop.owns(documents()["Table"], report=owners)["report"]


def within(which: int, given: dict[str, Any]) -> dict[str, Any]:
    """The filter of a share, and that which its visitor sends."""
    return {"and": [OF_SHARE[which % len(OF_SHARE)], *([given["filter"]] if "filter" in given else ())]}


@settings(deadline=None, max_examples=examples(60))
@given(data=st.data())
def test_a_visitor_sees_who_was_here_within_the_filter_only_by_a_share_that_shows_people(
    shop: Shop, data: st.DataObject
) -> None:
    which = data.draw(st.integers(0, len(shop.visitors) - 1))
    seen = data.draw(shop.seen_inputs())
    answer = shop.visitors[which].post(documents()["People"], {"first": 10, "seen": seen}).json()
    assert not any(secret in str(answer) for secret in SECRETS)
    got = answer["data"]["users"]
    if which < len(OF_SHARE):
        assert (got["nodes"], got["reason"]) == (None, "NOT_ALLOWED")
        return
    if {*seen["pixelIds"]} - {shop.site}:
        assert (got["nodes"], got["reason"]) == (None, "PIXEL_NOT_FOUND")
        return
    owns = shop.owns(documents()["People"], first=10, seen={**seen, "filter": within(which, seen)})["users"]
    for node in owns["nodes"] or ():  # of what they did elsewhere, and before, nothing is told
        node |= {**node["seenInRange"], "firstSource": None}
    for answered in (got, owns):  # a cursor is of its filter
        if answered["pageInfo"]:
            del answered["pageInfo"]["endCursor"]
    assert got == owns


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"search": {"text": "Anna"}},
        {"search": {"emailPrefix": "anna@example.com"}, "seen": {"pixelIds": [1]}},
        {"orderBy": "NEWEST"},
    ],
)
def test_a_share_lists_nobody_who_was_not_here(shop: Shop, asked: dict[str, Any]) -> None:
    if "seen" in asked:
        asked = {**asked, "seen": {"pixelIds": [shop.site]}}
    got = shop.visitors[-1].post(documents()["People"], {"first": 10, **asked}).json()["data"]["users"]
    assert (got["nodes"], got["reason"]) == (None, "NOT_ALLOWED")


@settings(deadline=None)
@given(data=st.data())
def test_any_document_that_is_none_of_its_views_is_refused_however_like_one_it_is(
    shop: Shop, data: st.DataObject
) -> None:
    shared = documents()[data.draw(st.sampled_from(OF_VIEWS))]
    place = data.draw(st.integers(0, len(shared)))
    inserted = data.draw(
        st.sampled_from([" ", "\n", "#", "rows { user } ", "{ __schema { types { name } } }", "\ufeff"])
    )
    visitor = shop.visitors[0]
    for document in (shared[:place] + inserted + shared[place:], shared[:place]):
        if document == shared:
            continue
        refused(visitor.post(document, {"report": {"range": {"name": "TODAY"}}}).json())


def refused(body: dict[str, Any]) -> None:
    assert "data" not in body
    assert body["errors"][0]["extensions"]["reason"] == "NOT_ALLOWED"


def test_no_other_document_of_the_dashboard_and_no_subscription_is_a_shares(shop: Shop) -> None:
    visitor = shop.visitors[0]
    foreign = {name: text for name, text in documents().items() if name not in OF_VIEWS}
    assert {"Pixels", "Recorded", "SignIn"} <= {*foreign}
    for document in foreign.values():
        refused(visitor.post(document).json())
    live: dict[str, Any] = {"query": foreign["Recorded"]}
    sent = shop.server.http.post("/graphql", json=live, headers={**visitor.headers, "Accept": "text/event-stream"})
    assert "NOT_ALLOWED" in sent.text
    by_get = shop.server.http.get("/graphql", params={"query": "{ app { code } }"}, headers=visitor.headers)
    refused(by_get.json())


async def test_over_a_websocket_a_visitor_runs_and_hears_no_more(shop: Shop) -> None:
    bearer = shop.visitors[0].headers["Authorization"]
    async with socket(shop.server, init=False) as opened:
        await opened.init({"Authorization": bearer})
        for name, variables in (("Recorded", {}), ("Pixels", {}), ("Table", {"report": {"range": {"name": "TODAY"}}})):
            await opened.send(subscribing(name, documents()[name], **variables))
            said = await opened.next()
            if name == "Table":
                assert said["payload"]["data"]["report"]["code"] == 200
            else:
                assert (said["type"], said["payload"][0]["extensions"]["reason"]) == ("error", "NOT_ALLOWED")


def test_a_secret_in_a_document_opens_no_more_to_a_visitor(shop: Shop) -> None:
    query = "query ($auth: AuthInput) { app(auth: $auth) { code } }"
    refused(shop.visitors[0].post(query, {"auth": shop.auth}).json())
    assert Client(shop.server).post(query, {"auth": shop.auth}).json()["data"]["app"]["code"] == 200
