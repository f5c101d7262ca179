"""Section 6 of the contract: who is here now, who is new, what has changed, and the calendar of a pixel."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.contract.reporting import Site
from tests.world import Server, World, command, make_world, running

FIGURE = "{ count basis identifiedUsers visitorIds dailyHashes }"
NEWS = f"time visitorsNow {FIGURE} newVisitors {FIGURE} returningVisitors {FIGURE}"
CHANGE = "change { pageviews visitors bounceRate matchRate newVisitors sessions }"


@pytest.fixture
def site(server: Server) -> Site:
    return Site(server)


def asked(site: Site, fields: str, **report: Any) -> dict[str, Any]:
    document = f"""query ($auth: AuthInput, $report: ReportInput!) {{
        report(auth: $auth, report: $report) {{ code message reason data timezone weekStartsOn {fields} }}
    }}"""
    return site(document, report={"pixelIds": [site.site], "range": {"name": "LAST_7_DAYS"}, **report})


def ago(**time_: float) -> int:
    return int(time.time() - timedelta(**time_).total_seconds())


NEWCOMERS = {"metrics": ["VISITORS_NOW", "NEW_VISITORS", "RETURNING_VISITORS"]}


def test_new_visitors_and_those_who_return_are_told_apart_by_their_first_pageview(site: Site) -> None:
    for days, visitor in ((20, "old"), (2, "old"), (3, "new"), (1, "new"), (20, "gone"), (2, "hers")):
        site.see("https://example.com/", visitorId=visitor, timestamp=ago(days=days))
    # Her history counts as hers, though she was not known by then.
    site.see("https://example.com/", visitorId="first", timestamp=ago(days=25))
    site.see("https://example.com/", visitorId="first", email="anna@example.com", timestamp=ago(days=1))
    site.see("https://example.com/", visitorId="daily:0123", timestamp=ago(days=1))
    site.seen(6)
    (row,) = asked(site, f"rows {{ {NEWS} }}", **NEWCOMERS)["rows"]
    new, returning = row["newVisitors"], row["returningVisitors"]
    assert (new["count"], new["basis"], new["dailyHashes"]) == (2, ["VISITOR_IDS"], 0)
    assert (returning["count"], returning["basis"]) == (2, ["IDENTIFIED_USERS", "VISITOR_IDS"])
    days = asked(site, f"rows {{ {NEWS} }}", dimensions=["DAY"], **NEWCOMERS)["rows"]
    assert [row["newVisitors"]["count"] for row in days] == [0, 0, 0, 1, 1, 0, 0]
    assert [row["returningVisitors"]["count"] for row in days] == [0, 0, 0, 0, 1, 2, 0]


def test_visitors_now_are_those_of_the_last_five_minutes(site: Site) -> None:
    for minutes, who in ((1, {"visitorId": "a"}), (2, {"visitorId": "a"}), (4, {"email": "b@example.com"}), (9, {})):
        site.see(f"https://example.com/{minutes}", timestamp=ago(minutes=minutes), **who)
    site.see("https://example.com/9", visitorId="earlier", timestamp=ago(minutes=9))
    site.seen(5)
    (row,) = asked(site, f"rows {{ {NEWS} }}", **NEWCOMERS)["rows"]
    assert (row["visitorsNow"]["count"], row["visitorsNow"]["basis"]) == (2, ["IDENTIFIED_USERS", "VISITOR_IDS"])
    (row,) = asked(site, f"rows {{ {NEWS} }}", range={"name": "YESTERDAY"}, **NEWCOMERS)["rows"]
    assert row["visitorsNow"] is None, "that range has ended"
    where = site.by("PAGE", "page", range={"name": "LAST_5_MINUTES"})
    assert where == {"/1": 1, "/2": 1, "/4": 1}


def test_each_row_of_a_comparison_says_the_change_as_a_share_and_null_where_there_was_nothing(site: Site) -> None:
    for days, page in ((1, "/tea"), (2, "/tea"), (3, "/tea"), (9, "/tea"), (9, "/tea"), (1, "/")):
        site.see(f"https://example.com{page}", visitorId=f"v{days}", timestamp=ago(days=days))
    site.seen(4)
    compared = {
        "compare": {"name": "PREVIOUS_PERIOD"},
        "metrics": ["PAGEVIEWS", "VISITORS", "MATCH_RATE", "SESSIONS"],
        "dimensions": ["PAGE"],
    }
    answer = asked(
        site, f"rows {{ page pageviews comparison {{ pageviews }} {CHANGE} }} totalsChange {{ pageviews }}", **compared
    )
    tea, root = answer["rows"]
    assert (tea["pageviews"], tea["comparison"]["pageviews"], tea["change"]["pageviews"]) == (3, 2, 0.5)
    assert tea["change"] | {"pageviews": 0, "visitors": 2.0, "sessions": 2.0} == {
        "pageviews": 0,
        "visitors": 2.0,
        "sessions": 2.0,
        **dict.fromkeys(("bounceRate", "matchRate", "newVisitors")),
    }
    assert root["comparison"]["pageviews"] == 0
    assert set(root["change"].values()) == {None}
    assert answer["totalsChange"] == {"pageviews": 1.0}
    assert answer["data"]["rows"][0]["change"] == {
        "pageviews": 0.5,
        "visitors": 2.0,
        "matchRate": None,
        "sessions": 2.0,
    }
    assert asked(site, f"rows {{ {CHANGE} }}")["rows"][0]["change"] is None, "nothing is compared"


def test_a_report_is_in_the_calendar_of_its_first_pixel_unless_it_says_otherwise(site: Site) -> None:
    made = site(
        'mutation ($auth: AuthInput) { createPixel(auth: $auth, name: "US", domains: ["example.com"],'
        ' timezone: "America/New_York", weekStartsOn: SUNDAY) { pixel { id timezone weekStartsOn } } }'
    )["pixel"]
    assert (made["timezone"], made["weekStartsOn"]) == ("America/New_York", "SUNDAY")
    other, week = made["id"], {"range": {"name": "THIS_WEEK"}, "dimensions": ["WEEK"]}

    def calendar(**report: Any) -> tuple[str, str, str]:
        answer = asked(site, "rows { time }", **week, **report)
        begin = datetime.fromisoformat(answer["rows"][0]["time"])
        return answer["timezone"], answer["weekStartsOn"], f"{begin:%a %H}"

    site.eventually(lambda: calendar(pixelIds=[other])[:2], ("America/New_York", "SUNDAY"))
    new_york = calendar(pixelIds=[other, site.site])
    assert new_york in {("America/New_York", "SUNDAY", f"Sun 0{hour}") for hour in (4, 5)}, "summer time or not"
    assert calendar(pixelIds=[site.site, other]) == ("UTC", "MONDAY", "Mon 00")
    assert calendar(pixelIds=[other], timezone="UTC") == ("UTC", "SUNDAY", "Sun 00")
    assert calendar(pixelIds=[site.site], weekStartsOn="SATURDAY") == ("UTC", "SATURDAY", "Sat 00")


def test_a_pixel_has_utc_and_monday_until_it_is_told_otherwise(site: Site) -> None:
    shown = "code message reason pixel { timezone weekStartsOn }"
    made = site(f'mutation ($auth: AuthInput) {{ createPixel(auth: $auth, name: "New") {{ pixel {{ id }} {shown} }} }}')
    assert made["pixel"] | {"id": 0} == {"id": 0, "timezone": "UTC", "weekStartsOn": "MONDAY"}

    def update(changes: str) -> dict[str, Any]:
        return site(
            f"mutation ($auth: AuthInput, $id: Int!) {{ updatePixel(auth: $auth, id: $id, {changes}) {{ {shown} }} }}",
            id=made["pixel"]["id"],
        )

    changed = update('timezone: "Europe/Zurich"')
    assert changed["pixel"] == {"timezone": "Europe/Zurich", "weekStartsOn": "MONDAY"}
    assert update("weekStartsOn: SATURDAY")["pixel"] == {"timezone": "Europe/Zurich", "weekStartsOn": "SATURDAY"}
    refused = update('timezone: "Mars/Olympus"')
    assert (refused["code"], refused["reason"]) == (400, "INVALID_TIMEZONE")
    assert "Europe/Zurich" in refused["message"]


# What section 10 of the contract shows of a pixel, by the field of a row that has it.
OVERVIEW = {
    "source": "SOURCE",
    "channel": "CHANNEL",
    "utmCampaign": "UTM_CAMPAIGN",
    "page": "PAGE",
    "language": "LANGUAGE",
    "entryPage": "ENTRY_PAGE",
    "exitPage": "EXIT_PAGE",
    "country": "COUNTRY",
    "region": "REGION",
    "city": "CITY",
    "browser": "BROWSER",
    "os": "OS",
    "device": "DEVICE",
}
HEADLINES = ["VISITORS", "SESSIONS", "PAGEVIEWS", "MATCH_RATE", "BOUNCE_RATE", "SESSION_DURATION", "VISITORS_NOW"]


def test_everything_that_an_overview_shows_has_a_metric_and_a_dimension(site: Site) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
    place = {"country": "CH", "region": "Bern", "city": "Bern", "language": "de-CH"}
    site.see(
        "https://example.com/tea?utm_campaign=spring&utm_source=news&utm_medium=email",
        visitorId="v",
        userAgent=agent,
        **place,
    )
    site.see("https://example.com/", userAgent="Mozilla/5.0 (compatible; GPTBot/1.1; +https://openai.com/gptbot)")
    site.seen(2)
    base = {"pixelIds": [site.site], "range": {"name": "LAST_7_DAYS"}, "compare": {"name": "PREVIOUS_PERIOD"}}
    reports = {field: {**base, "dimensions": [dimension]} for field, dimension in OVERVIEW.items()}
    reports["chart"] = {**base, "dimensions": ["DAY"]}
    reports["bots"] = {**base, "dimensions": ["BROWSER", "BOT"], "traffic": ["BOTS", "AI_AGENTS"]}
    numbers = "visitors { count } sessions pageviews matchRate bounceRate sessionDuration visitorsNow { count }"
    rows = {"chart": "time visitors { count }", "bots": "browser bot pageviews", "headlines": numbers}
    reports["headlines"] = {**base, "metrics": HEADLINES}
    data: dict[str, Any] = {}
    for start in range(0, len(reports), 10):  # questions in a document
        some = [*reports][start : start + 10]
        fields = [
            f"{name}: report(auth: $auth, report: ${name})"
            f" {{ code rows {{ {rows.get(name, name)} change {{ visitors }} comparison {{ pageviews }} }} }}"
            for name in some
        ]
        declared = " ".join(f"${name}: ReportInput!" for name in some)
        variables = {"auth": site.auth, **{name: reports[name] for name in some}}
        body = site.server.graphql(f"query ($auth: AuthInput {declared}) {{ {' '.join(fields)} }}", variables)
        assert "errors" not in body, body
        data |= body["data"]
    assert {answer["code"] for answer in data.values()} == {200}, data
    shown = {field: data[field]["rows"][0][field] for field in OVERVIEW}
    assert all(shown.values()), shown
    assert (len(data["chart"]["rows"]), data["bots"]["rows"][0]["browser"]) == (7, "GPTBot")
    assert data["bots"]["rows"][0]["bot"] == "AI_AGENT"
    (row,) = data["headlines"]["rows"]
    assert (row["visitors"]["count"], row["visitorsNow"]["count"], row["bounceRate"]) == (1, 1, 1.0)


# --- the command ---


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that has grown from one week to the next, with its server."""
    world = make_world(tmp_path_factory.mktemp("figures") / "data")
    with running(world) as server:
        for days, count in ((9, 2), (1, 3)):
            for number in range(count):
                server.pageview(url="https://example.com/", visitorId=f"v{number}", timestamp=ago(days=days))
        server.loaded(5)
        yield world


def test_the_command_prints_the_change_in_every_row(told: World) -> None:
    words = ["report", "--last", "7d", "--by", "page", "--metric", "visitors", "--metric", "pageviews", "--compare"]
    assert "2 (+50%)" in command(told, *words)
    (row,) = csv.DictReader(io.StringIO(command(told, *words, "--csv")))
    assert (row["pageviews"], row["pageviews_before"], row["pageviews_change"]) == ("3", "2", "0.5")
    whole = json.loads(command(told, *words, "--json"))
    assert whole["rows"][0]["change"] == whole["totalsChange"] == {"visitors": 0.5, "pageviews": 0.5}
    news = command(
        told, "report", "--last", "7d", "--metric", "new-visitors", "--metric", "returning-visitors", "--csv"
    )
    assert news.split() == ["new_visitors,returning_visitors", "1,2"]


def test_the_commands_set_and_show_the_calendar_of_a_pixel(told: World) -> None:
    made = command(
        told, "pixels", "create", "US", "--timezone", "America/New_York", "--week-starts-on", "sunday", "--json"
    )
    pixel = str(json.loads(made)["id"])
    shown = json.loads(command(told, "pixels", "show", pixel, "--json"))
    assert (shown["timezone"], shown["weekStartsOn"]) == ("America/New_York", "SUNDAY")
    assert "New_York" in command(told, "pixels", "show", pixel)
    whole = json.loads(command(told, "report", "--pixel", pixel, "--last", "2w", "--by", "week", "--json"))
    first = datetime.fromisoformat(whole["range"]["from"]).astimezone(UTC)
    assert (whole["timezone"], f"{first:%a}") == ("America/New_York", "Sun")
    said = command(told, "pixels", "update", pixel, "--timezone", "Europe/Zurich", "--week-starts-on", "SATURDAY")
    assert said == f"Reports of pixel {pixel} are in the time zone Europe/Zurich. Their weeks begin on Saturday.\n"
    assert "Europe/Zurich" in command(told, "pixels", "update", pixel, "--timezone", "Mars", expect=2)
    assert "give --timezone" in command(told, "pixels", "update", pixel, expect=2)


def test_a_large_answer_of_figures_is_compressed_for_who_takes_gzip_and_a_list_of_pageviews_is_not(site: Site) -> None:
    for number in range(20):
        site.see(f"https://example.com/{'long/' * 50}{number}")
    site.seen(20)
    hours = {"pixelIds": [site.site], "range": {"name": "LAST_24_HOURS"}, "dimensions": ["PAGE", "HOUR"]}
    report = "query ($auth: AuthInput, $asked: ReportInput!) { report(auth: $auth, report: $asked) { rows { page } } }"
    listed = "query ($auth: AuthInput, $ids: [Int!]!) { pageviews(auth: $auth, pixelIds: $ids) { nodes { url } } }"
    sent = [
        site.server.http.post(
            "/graphql",
            json={"query": query, "variables": {"auth": site.auth, **variables}},
            headers={"accept-encoding": taken},
        )
        for query, variables, taken in (
            (report, {"asked": hours}, "gzip"),
            (report, {"asked": hours}, "identity"),
            (listed, {"ids": [site.site]}, "gzip"),
        )
    ]
    assert [response.headers.get("content-encoding") for response in sent] == ["gzip", None, None]
    assert sent[0].json() == sent[1].json()
    assert int(sent[0].headers["content-length"]) < int(sent[1].headers["content-length"]) / 10
    assert len(sent[2].content) > int(sent[0].headers["content-length"])
