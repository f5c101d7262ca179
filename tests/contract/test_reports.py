"""Section 6 of the contract, from outside: reports, and lists of pageviews."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.contract.reporting import Site
from tests.test_docs import DOCS
from tests.world import Server, World, make_world, running

ALL = [
    *("PAGEVIEWS", "VISITORS", "SESSIONS", "BOUNCE_RATE", "SESSION_DURATION", "PAGES_PER_SESSION"),
    *("IDENTIFIED_VISITORS", "MATCH_RATE", "NEW_USERS"),
]


@pytest.fixture
def site(server: Server) -> Site:
    return Site(server)


def test_a_report_says_how_many_came_how_many_are_known_and_compares(site: Site) -> None:
    now = time.time()
    for days in (1, 1, 2, 9):
        site.see(f"https://example.com/{days}", visitorId=f"v{days}", timestamp=int(now - days * 86_400))
    site.see("https://example.com/1", email="anna@example.com", timestamp=int(now - 86_400))
    site.seen(4)
    answer = site.report(metrics=ALL, compare={"name": "PREVIOUS_PERIOD"})
    assert (answer["code"], answer["message"], answer["reason"]) == (200, "1 row", None)
    (row,) = answer["rows"]
    assert row["pageviews"] == 4
    assert row["visitors"] == {
        "count": 3,
        "basis": ["IDENTIFIED_USERS", "VISITOR_IDS"],
        "identifiedUsers": 1,
        "visitorIds": 2,
        "dailyHashes": 0,
        "exact": True,
    }
    assert (row["sessions"], row["identifiedVisitors"], row["newUsers"]) == (3, 1, 1)
    assert row["matchRate"] == pytest.approx(1 / 3)
    assert row["comparison"]["pageviews"] == 1
    assert answer["totals"] == {name: row[name] for name in answer["totals"]}
    assert answer["comparisonTotals"] == {"pageviews": 1}
    assert (answer["sampled"], answer["timezone"], answer["rowCount"]) == (False, "UTC", 1)
    assert answer["data"]["rows"][0]["visitors"] == row["visitors"]


def test_a_time_series_has_a_row_for_each_day_zeros_included_in_the_time_zone_that_is_asked_for(site: Site) -> None:
    site.see("https://example.com/", visitorId="v", timestamp=int(time.time() - 2 * 86_400))
    site.seen(1)
    rows = site.report(dimensions=["DAY"], timezone="Asia/Tokyo")["rows"]
    assert [row["pageviews"] for row in rows] == [0, 0, 0, 0, 1, 0, 0]
    assert {row["time"][10:] for row in rows} == {"T15:00:00.000Z"}, "midnight in Tokyo"
    assert [row["visitors"]["count"] for row in rows] == [0, 0, 0, 0, 1, 0, 0]


def test_several_dimensions_filters_order_and_limit(site: Site) -> None:
    for page, country, count in (("/tea", "CH", 3), ("/tea", "DE", 1), ("/", "CH", 2)):
        for number in range(count):
            site.see(f"https://example.com{page}", country=country, visitorId=f"{page}{country}{number}")
    site.seen(6)
    rows = site.report(dimensions=["PAGE", "COUNTRY"])["rows"]
    assert [(row["page"], row["country"], row["pageviews"]) for row in rows] == [
        *(("/tea", "CH", 3), ("/", "CH", 2), ("/tea", "DE", 1)),
    ]
    assert site.by("PAGE", "page", limit=1) == {"/tea": 4}
    order = [{"dimension": "COUNTRY", "descending": True}]
    assert list(site.by("COUNTRY", "country", orderBy=order)) == ["DE", "CH"]
    swiss = {"on": {"dimension": "COUNTRY", "is": ["CH"]}}
    tea = {"on": {"dimension": "PAGE", "wildcard": ["/t*"]}}
    for tree, expected in (
        (swiss, {"/tea": 3, "/": 2}),
        ({"and": [swiss, tea]}, {"/tea": 3}),
        ({"or": [{"not": swiss}, {"on": {"dimension": "PAGE", "is": ["/"]}}]}, {"/": 2, "/tea": 1}),
        ({"on": {"dimension": "PAGE", "contains": ["TEA"]}}, {"/tea": 4}),
        ({"on": {"dimension": "PAGE", "isNot": ["/tea"]}}, {"/": 2}),
        ({"on": {"dimension": "CITY", "is": [""]}}, {"/tea": 4, "/": 2}),
    ):
        assert site.by("PAGE", "page", filter=tree) == expected, tree


def test_bots_and_ai_agents_are_kept_and_not_counted_unless_asked_for(site: Site) -> None:
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    google = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
    for agent in (browser, google, "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"):
        site.see("https://example.com/", userAgent=agent, visitorId=agent[-9:])
    site.seen(3)
    counted = {
        name: site.row(traffic=traffic)["pageviews"]
        for name, traffic in (("people", ["PEOPLE"]), ("bots", ["BOTS"]), ("agents", ["AI_AGENTS"]))
    }
    assert counted == {"people": 1, "bots": 1, "agents": 1}
    assert site.list(traffic=["BOTS"])["totalCount"] == 1


# Reports know merged users for ten seconds. Of a server of its own the test need not wait as long.
SOON = """
from heropixel.cli import main
from heropixel.reports import people
people._MERGED_SECONDS = 1.0
main()
"""


def test_a_visitors_earlier_pageviews_and_merged_users_are_one_visitor(world: World) -> None:
    with running(world, script=SOON) as server:
        check_one_visitor(Site(server, world.auth))


def check_one_visitor(site: Site) -> None:
    site.see("https://example.com/before", visitorId="browser")
    site.seen(1)
    assert site.row()["visitors"]["basis"] == ["VISITOR_IDS"]
    site.see("https://example.com/signed-in", visitorId="browser", email="berta@example.com")
    site.see("https://example.com/at-work", email="berta@work.example")
    site.seen(3)
    site.eventually(lambda: site.row()["visitors"]["count"], 2)
    assert site.row()["visitors"]["basis"] == ["IDENTIFIED_USERS"]
    assert len(site.by("USER", "user")) == 2
    merge = site.identify(email="berta@example.com", emails=["berta@work.example"])
    assert merge["code"] == 200, merge
    site.eventually(lambda: site.row()["visitors"]["count"], 1)
    (user,) = site.by("USER", "user")
    assert {node["userId"] for node in site.list()["nodes"]} == {user}
    assert site.row(filter={"on": {"dimension": "USER", "is": [user]}})["pageviews"] == 3


def test_an_overview_of_nine_questions_is_one_document(site: Site) -> None:
    site.see("https://example.com/", visitorId="v")
    site.seen(1)
    dimensions = ["PAGE", "SOURCE", "CHANNEL", "UTM_CAMPAIGN", "COUNTRY", "BROWSER", "OS", "DEVICE"]
    parts = [
        f"q{number}: report(auth: $auth, report: {{ pixelIds: [$pixel], range: {{ name: LAST_30_DAYS }},"
        f" dimensions: [{dimension}] }}) {{ code range {{ to }} rows {{ pageviews visitors {{ count }} }} }}"
        for number, dimension in enumerate(["DAY", *dimensions])
    ]
    document = f"query ($auth: AuthInput, $pixel: Int!) {{ {' '.join(parts)} }}"
    body = site.server.graphql(document, {"auth": site.auth, "pixel": site.site})
    assert [answer["code"] for answer in body["data"].values()] == [200] * 9
    assert [len(answer["rows"]) for answer in body["data"].values()] == [30, *[1] * 8]
    assert len({answer["range"]["to"] for answer in body["data"].values()}) == 1, "all until the same moment"


DEEP: dict[str, Any] = {"on": {"dimension": "PAGE", "is": ["/"]}}


for _ in range(5):
    DEEP = {"not": DEEP}


@pytest.mark.parametrize(
    ("report", "reason", "message"),
    [
        ({"timezone": "Mars/Olympus"}, "INVALID_TIMEZONE", "a name of the IANA database such as Europe/Zurich"),
        ({"range": {"from": "2026-01-02", "to": "2026-01-01"}}, "INVALID_RANGE", "range.from must be before range.to"),
        ({"range": {"from": "2026-01-02"}}, "INVALID_RANGE", "so that it has a beginning and an end"),
        ({"range": {}}, "INVALID_RANGE", "range needs a name, or both from and to"),
        ({"range": {"name": "TODAY", "from": 1}}, "INVALID_RANGE", "give either its name, TODAY, or from and to"),
        ({"range": {"from": "1999-01-01", "to": "2026-01-01"}}, "INVALID_RANGE", "longer than 3660 days"),
        ({"range": {"from": "soon", "to": "later"}}, "INVALID_RANGE", "an ISO 8601 day or time such as 2026-11-01"),
        ({"range": {"from": "2026-02-30", "to": "2026-03-01"}}, "INVALID_RANGE", "range.from must be"),
        ({"range": {"from": "9" * 400, "to": "2026-03-01"}}, "INVALID_RANGE", "range.from must be"),
        ({"compare": {"from": "2026-02-01"}}, "INVALID_RANGE", "compare needs a name, or both from and to"),
        ({"dimensions": ["MINUTE"]}, "TOO_MANY_POINTS", "2000 are allowed: ask for a shorter range or longer steps"),
        ({"filter": {"on": {"dimension": "CHANNEL", "is": ["Carrier pigeon"]}}}, "INVALID_FILTER", "ORGANIC_SEARCH"),
        (
            {"filter": {"on": {"dimension": "DEVICE", "isNot": ["TOASTER"]}}},
            "INVALID_FILTER",
            "DEVICE has no value TOASTER",
        ),
        ({"filter": {"on": {"dimension": "USER", "is": ["anna"]}}}, "INVALID_FILTER", "anna is not an id of a user"),
        ({"filter": DEEP}, "INVALID_FILTER", "nested too deeply, 5 levels of and, or, not are allowed"),
        ({"filter": {}}, "INVALID_FILTER", "give exactly one of and, or, not, on"),
        ({"filter": {"and": []}}, "INVALID_FILTER", "and is an empty list"),
        ({"filter": {"on": {"dimension": "PAGE"}}}, "INVALID_FILTER", "exactly one of is, isNot, contains"),
        ({"filter": {"on": {"dimension": "PAGE", "is": []}}}, "INVALID_FILTER", "1 to 100 values"),
        ({"filter": {"on": {"dimension": "PAGE", "is": ["\0"]}}}, "INVALID_FILTER", "contains invalid characters"),
        ({"filter": {"on": {"dimension": "PAGE", "contains": [""]}}}, "INVALID_FILTER", "use is instead"),
        ({"filter": {"on": {"dimension": "DAY", "is": ["x"]}}}, "INVALID_FILTER", "use another range instead"),
        ({"filter": {"or": [DEEP["not"]["not"]] * 51}}, "INVALID_FILTER", "more than 50 conditions"),
        ({"dimensions": ["DAY", "HOUR"]}, "INVALID_REPORT", "only one dimension of time is allowed"),
        ({"dimensions": ["PAGE", "PAGE"]}, "INVALID_REPORT", "a dimension twice"),
        ({"dimensions": ["PAGE", "OS", "CITY", "USER", "DAY"]}, "INVALID_REPORT", "5 dimensions, 4 are allowed"),
        ({"metrics": []}, "INVALID_REPORT", "at least one"),
        ({"limit": 0}, "INVALID_REPORT", "limit must be 1 to 1000"),
        ({"offset": -1}, "INVALID_REPORT", "offset must be 0 to 100000"),
        ({"pixelIds": []}, "INVALID_REPORT", "1 to 100 pixels"),
        ({"traffic": []}, "INVALID_REPORT", "PEOPLE, BOTS, AI_AGENTS"),
        ({"pixelIds": [1, 987654]}, "PIXEL_NOT_FOUND", "Pixel not found"),
        ({"orderBy": [{"metric": "SESSIONS"}]}, "INVALID_ORDER", "not one of the metrics of the report"),
        ({"orderBy": [{"dimension": "PAGE"}]}, "INVALID_ORDER", "not one of the dimensions of the report"),
        ({"orderBy": [{}]}, "INVALID_ORDER", "either a metric or a dimension"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_how_to_ask_it_right(
    site: Site, report: dict[str, Any], reason: str, message: str
) -> None:
    answer = site.report(**report)
    assert (answer["code"], answer["reason"], answer["data"], answer["rows"]) == (400, reason, {}, None)
    assert message in answer["message"]


def test_pageviews_are_listed_by_cursor_with_the_same_filters(site: Site) -> None:
    now = int(time.time())
    for number in range(5):
        site.see(f"https://example.com/{number % 2}", eventId=f"e{number}", timestamp=now - number)
    site.seen(5)
    first = site.list(first=2)
    assert [node["eventId"] for node in first["nodes"]] == ["e0", "e1"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (5, True)
    second = site.list(first=2, after=first["pageInfo"]["endCursor"])
    assert [node["eventId"] for node in second["nodes"]] == ["e2", "e3"]
    even = {"on": {"dimension": "PAGE", "is": ["/0"]}}
    filtered = site.list(filter=even, first=2)
    assert [node["eventId"] for node in filtered["nodes"]] == ["e0", "e2"]
    rest = site.list(filter=even, first=2, after=filtered["pageInfo"]["endCursor"])
    assert [node["eventId"] for node in rest["nodes"]] == ["e4"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert site.list(range={"from": now - 2, "to": now})["totalCount"] == 2
    assert rest["data"]["nodes"][0]["eventId"] == "e4"


def test_a_cursor_from_another_question_is_refused_with_what_to_send(site: Site) -> None:
    for number in range(3):
        site.see("https://example.com/", eventId=f"c{number}")
    site.seen(3)
    cursor = site.list(first=1)["pageInfo"]["endCursor"]
    for other in (
        {"filter": {"on": {"dimension": "PAGE", "is": ["/"]}}},
        {"range": {"name": "TODAY"}},
        {"traffic": ["BOTS"]},
        {"timezone": "Asia/Tokyo"},
    ):
        answer = site.list(first=1, after=cursor, **other)
        assert (answer["code"], answer["reason"]) == (400, "INVALID_CURSOR"), other
        assert "send the endCursor of the page before, with all other arguments unchanged" in answer["message"]
    assert site.list(after="nonsense")["reason"] == "INVALID_CURSOR"


def test_reports_are_refused_while_the_event_store_is_unreachable(tmp_path: Path) -> None:
    world = make_world(tmp_path / "data")
    with running(world.with_key, events_url="clickhouse://127.0.0.1:9") as server:
        site = Site(server)
        answer = site.report()
        assert (answer["code"], answer["reason"]) == (500, "EVENT_STORE_UNAVAILABLE")
        assert server.pageview()["code"] == 200


def test_what_the_documentation_asks_is_answered(server: Server) -> None:
    text = (DOCS / "reports.md").read_text()
    document = text.partition("```graphql\n")[2].partition("```")[0]
    site = Site(server)
    body = server.graphql(document, {"auth": site.auth, "pixel": site.site})
    assert [answer["code"] for answer in body["data"].values()] == [200, 200], body
