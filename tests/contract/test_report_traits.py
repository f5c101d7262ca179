"""Section 6 of the contract: reports by the traits of users, and filters by them, as a person means them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.reporting import Site
from tests.world import Server, World, command, make_world, running

TRAITS: dict[str, dict[str, Any]] = {
    "anna": {"plan": "pro", "city": "Zürich", "seats": 12, "paying": True, "since": "2026-03-01T09:30:00Z"},
    "ben": {"plan": "Pro", "city": "Bern", "seats": 12.0, "paying": False, "since": "2026-03-02"},
    "cleo": {"plan": "free", "seats": "12", "paying": None, "tags": ["a", "b"]},
    "dora": {"seats": 1.5, 'odd "name"': "x"},
}
REPORT = """query ($auth: AuthInput, $report: ReportInput!) {
    report(auth: $auth, report: $report) { code message reason data rows { trait page pageviews visitors { count } } }
}"""


@pytest.fixture(scope="module")
def site(server: Server) -> Site:
    """Four people with traits, one without, and a visitor whom nobody knows; each has seen one page."""
    site = Site(server)
    for name, traits in TRAITS.items():
        site.identify(externalId=name, email=f"{name}@example.com", traits=traits)
    for name in (*TRAITS, "emil"):
        site.see(f"https://example.com/{name}", email=f"{name}@example.com")
    site.see("https://example.com/nobody", visitorId="v")
    site.seen(6)
    return site


def by(site: Site, trait: str, **report: Any) -> dict[str, int]:
    """The pageviews by each value of a trait."""
    asked = {"pixelIds": [site.site], "range": {"name": "TODAY"}, "dimensions": ["TRAIT"], "trait": trait, **report}
    answer = site(REPORT, report=asked)
    assert answer["code"] == 200, answer
    return {row["trait"]: row["pageviews"] for row in answer["rows"]}


def seen_by(site: Site, condition: dict[str, Any]) -> set[str]:
    """The people whose pages a filter leaves, in a report and in the list of pageviews alike."""
    tree = condition if condition.keys() & {"and", "or", "not"} else {"on": {"dimension": "TRAIT", **condition}}
    reported = site.by("PAGE", "page", filter=tree, range={"name": "TODAY"})
    listed = {node["url"].removeprefix("https://example.com") for node in site.list(filter=tree)["nodes"]}
    assert reported.keys() == listed
    return {page.removeprefix("/") for page in listed}


def test_a_report_has_a_row_for_each_value_of_a_trait(site: Site) -> None:
    assert by(site, "plan") == {"": 3, "pro": 1, "Pro": 1, "free": 1}
    assert by(site, "seats") == {"12": 3, "1.5": 1, "": 2}, "12.0 is 12"
    assert by(site, "paying") == {"true": 1, "false": 1, "": 4}
    assert by(site, "tags") == {'["a","b"]': 1, "": 5}
    assert by(site, 'odd "name"') == {"x": 1, "": 5}
    assert by(site, "no such trait") == {"": 6}
    assert by(site, "plan", dimensions=["TRAIT", "PAGE"], limit=1) in ({"pro": 1}, {"Pro": 1}, {"free": 1}, {"": 1})
    ordered = by(site, "seats", orderBy=[{"dimension": "TRAIT", "descending": True}])
    assert list(ordered) == ["12", "1.5", ""]


@pytest.mark.parametrize(
    ("condition", "people"),
    [
        ({"trait": "plan", "is": ["pro"]}, {"anna", "ben"}),
        ({"trait": "plan", "is": ["PRO", "free"]}, {"anna", "ben", "cleo"}),
        ({"trait": "plan", "is": [""]}, {"dora", "emil", "nobody"}),
        ({"trait": "plan", "isNot": ["pro"]}, {"cleo", "dora", "emil", "nobody"}),
        ({"trait": "plan", "contains": ["R"]}, {"anna", "ben", "cleo"}),
        ({"trait": "plan", "containsNot": ["r"]}, {"dora", "emil", "nobody"}),
        ({"trait": "city", "wildcard": ["z*ch"]}, {"anna"}),
        ({"trait": "city", "is": ["zürich"]}, {"anna"}),
        ({"trait": "seats", "is": ["12"]}, {"anna", "ben", "cleo"}),
        ({"trait": "seats", "is": ["12.0", "1.50"]}, {"anna", "ben", "cleo", "dora"}),
        ({"trait": "paying", "is": ["TRUE"]}, {"anna"}),
        ({"trait": "paying", "is": ["false"]}, {"ben"}),
        ({"trait": "since", "is": ["2026-03-01"]}, {"anna"}),
        ({"trait": "since", "is": ["2026-03-02"]}, {"ben"}),
        (
            {
                "or": [
                    {"on": {"dimension": "TRAIT", "trait": "city", "is": ["Bern"]}},
                    {
                        "and": [
                            {"on": {"dimension": "TRAIT", "trait": "seats", "is": ["12"]}},
                            {"not": {"on": {"dimension": "TRAIT", "trait": "plan", "is": ["pro"]}}},
                        ]
                    },
                ]
            },
            {"ben", "cleo"},
        ),
    ],
)
def test_pageviews_are_filtered_by_traits_as_a_person_means_them(
    site: Site, condition: dict[str, Any], people: set[str]
) -> None:
    assert seen_by(site, condition) == people


def test_suggestions_for_a_filter_are_a_report_with_contains_an_order_and_a_limit(site: Site) -> None:
    def suggested(dimension: str, begins: str, **more: Any) -> list[str]:
        on = {"dimension": dimension, "wildcard": [f"{begins}*"], **more}
        rows = site.report(
            dimensions=[dimension], filter={"on": on}, metrics=["VISITORS"], limit=10, range={"name": "TODAY"}, **more
        )["data"]["rows"]
        return [row[dimension.lower()] for row in rows]

    assert suggested("PAGE", "/no") == ["/nobody"]
    assert sorted(suggested("TRAIT", "p", trait="plan")) == ["Pro", "pro"]


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ({"dimensions": ["TRAIT"]}, "needs trait, the name of a trait of users such as plan"),
        ({"dimensions": ["TRAIT"], "trait": ""}, "needs trait"),
        ({"dimensions": ["PAGE"], "trait": "plan"}, "TRAIT, which is not among its dimensions"),
        ({"filter": {"on": {"dimension": "TRAIT", "is": ["pro"]}}}, "needs trait"),
        ({"filter": {"on": {"dimension": "PAGE", "trait": "plan", "is": ["/"]}}}, "trait is for the dimension TRAIT"),
    ],
)
def test_a_trait_that_is_not_named_is_asked_for(site: Site, report: dict[str, Any], message: str) -> None:
    answer = site.report(**report)
    assert (answer["code"], answer["data"]) == (400, {})
    assert message in answer["message"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = make_world(tmp_path_factory.mktemp("traits") / "data")
    with running(world) as server:
        for name, traits in TRAITS.items():
            command(world, "users", "identify", "--email", f"{name}@example.com", "--traits", json.dumps(traits))
            server.pageview(url=f"https://example.com/{name}", email=f"{name}@example.com")
        server.loaded(4)
        yield world


def test_the_command_reports_and_filters_by_traits_and_names_people(told: World) -> None:
    words = ["report", "--metric", "pageviews"]
    table = command(told, *words, "--by-trait", "plan")
    assert "trait plan" in table
    assert "(none)" in table
    rows = json.loads(command(told, *words, "--by-trait", "seats", "--json"))["rows"]
    assert [(row["trait"], row["pageviews"]) for row in rows] == [("12", 3), ("1.5", 1)]
    named = command(told, *words, "--by", "user", "--filter", "trait:plan=pro", "--filter", "trait:seats!=13")
    assert "anna@example.com" in named
    assert "ben@example.com" in named
    assert "cleo" not in named
    said = command(told, "pageviews", "export", "--filter", "trait:plan=pro", expect=2)
    assert "TRAIT exists only in reports" in " ".join(said.split())
    said = command(told, *words, "--filter", "plan=pro", expect=2)
    assert "trait:NAME" in said
