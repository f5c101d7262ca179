"""Exports of other tools are imported as pageviews, each exactly once."""

import json
import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.parquet
import pytest

from heropixel.importing.tools.matomo import Matomo
from heropixel.importing.tools.plain import Plain
from heropixel.importing.tools.plausible import Plausible, spread
from heropixel.importing.tools.tool import Site, Tool
from heropixel.importing.tools.umami import Umami
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow
from heropixel.transfer.converting import UnusableRow
from tests.launcher import Process, launch, run
from tests.world import World, command, exported, make_world, running

SITE = Site(7, "example.com", UTC)

PLAUSIBLE = """\
date,hostname,page,visits,visitors,pageviews,total_scroll_depth,total_scroll_depth_visits
2024-03-31,example.com,/,2,2,3,120,2
2024-04-01,shop.example.com,/tea,1,1,1,40,1
2024-04-01,example.com,/quiet,0,0,0,0,0
"""

UMAMI_ROW = {
    "website_id": "5b1c4d7e-53c2-4a6e-9a8b-1f0f5d0a7a01",
    "session_id": "6e2f0c9a-8f51-5e0d-b5a0-3d1f7a6b9c11",
    "visit_id": "0c7d8a3b-2b0e-5a43-8d51-9b2a4f6e7d12",
    "event_id": "a1e0f4c2-7d35-4b1e-8a53-2c9b6d8f0e13",
    "hostname": "www.example.com",
    "browser": "chrome",
    "os": "Mac OS",
    "device": "laptop",
    "screen": "1440x900",
    "language": "fr-FR",
    "country": "FR",
    "subdivision1": "FR-IDF",
    "city": "Paris",
    "url_path": "/tea",
    "url_query": "utm_source=news&b=1",
    "referrer_path": "/search",
    "referrer_query": "q=tea",
    "referrer_domain": "www.example.org",
    "page_title": "Tea",
    "utm_source": "news",
    "event_type": "1",
    "event_name": "",
    "created_at": "2024-01-05 10:00:00",
}
TEN = 1_704_448_800_000  # 2024-01-05 10:00:00 UTC

MATOMO_VISIT: dict[str, Any] = {
    "idSite": "1",
    "idVisit": "4711",
    "visitIp": "203.0.113.0",
    "visitorId": "8c5e2f7a9b3d1e40",
    "userId": "customer-7",
    "actionDetails": [
        {
            "type": "action",
            "url": "https://www.example.com/tea?b=1",
            "pageTitle": "Tea",
            "pageId": "901",
            "idpageview": "Qx3ZtP",
            "timestamp": 1_704_448_800,
        },
        {"type": "outlink", "url": "https://example.org/", "pageId": "902", "timestamp": 1_704_448_820},
        {"type": "action", "url": "example.com/cup", "pageId": None, "timestamp": "1704448860"},
    ],
    "referrerType": "campaign",
    "referrerName": "spring",
    "referrerKeyword": "",
    "referrerUrl": "https://www.example.org/search",
    "languageCode": "fr-fr",
    "resolution": "1440x900",
    "countryCode": "fr",
    "regionCode": "idf",
    "city": "Paris",
    "browserName": "Chrome",
    "browserVersion": "120.0",
    "operatingSystemName": "Mac",
    "operatingSystemVersion": "14.2",
    "deviceType": "Desktop",
    "serverTimestamp": 1_704_448_860,
}


def flat(visit: dict[str, Any], between: str = "_") -> dict[str, str]:
    """A visit as Matomo writes it as CSV."""
    cells = {name: str(value) for name, value in visit.items() if name != "actionDetails"}
    for number, action in enumerate(visit["actionDetails"]):
        cells |= {
            f"actionDetails{between}{number}{between}{name}": "" if value is None else str(value)
            for name, value in action.items()
        }
    return cells


def told(tool: type[Tool], *rows: dict[str, Any], site: Site = SITE) -> list[PastPageview | None]:
    """What a tool's reader makes of rows."""
    reader = tool(site)
    return [pageview for line, row in enumerate(rows, 2) for pageview in reader.pageviews(FileRow(line, row))]


def fields(pageview: PastPageview | None) -> dict[str, Any]:
    """What a pageview has, its event among it."""
    assert pageview is not None
    seen_with = {name: getattr(pageview, name) for name in ("browser", "browser_version", "os", "os_version", "device")}
    event = {name: getattr(pageview.event, name) for name in pageview.event.__struct_fields__}
    return {name: value for name, value in (event | seen_with).items() if value not in (None, "")}


# --- Plausible ---


def test_a_row_of_plausible_becomes_its_number_of_pageviews_without_a_visitor() -> None:
    row = {"date": "2024-01-05", "hostname": "www.example.com", "page": "/tea", "visitors": "2", "pageviews": "3"}
    pageviews = [fields(pageview) for pageview in told(Plausible, row)]
    assert [set(pageview) for pageview in pageviews] == [{"pixel_id", "domain", "timestamp", "event_id", "url"}] * 3
    assert {pageview["url"] for pageview in pageviews} == {"https://www.example.com/tea"}
    assert len({pageview["event_id"] for pageview in pageviews}) == 3


@pytest.mark.parametrize(
    ("zone", "day", "first", "hours"),
    [
        ("UTC", "2024-01-05", "2024-01-05T00:00:00+00:00", 24),
        ("Europe/Paris", "2024-01-05", "2024-01-04T23:00:00+00:00", 24),
        ("Europe/Paris", "2024-03-31", "2024-03-30T23:00:00+00:00", 23),
        ("Europe/Paris", "2024-10-27", "2024-10-26T22:00:00+00:00", 25),
        ("America/New_York", "2024-01-05", "2024-01-05T05:00:00+00:00", 24),
    ],
)
def test_a_day_of_plausible_is_that_of_the_time_zone(zone: str, day: str, first: str, hours: int) -> None:
    row = {"date": day, "hostname": "", "page": "/", "pageviews": "1000"}
    instants = [fields(one)["timestamp"] for one in told(Plausible, row, site=SITE._replace(zone=ZoneInfo(zone)))]
    start = datetime.fromisoformat(first).timestamp() * 1000
    assert min(instants) == start
    assert start + (hours - 0.1) * 3_600_000 < max(instants) < start + hours * 3_600_000


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000])
def test_any_number_of_pageviews_is_spread_evenly(count: int) -> None:
    places = sorted(map(spread, range(count)))
    gaps = [after - before for before, after in zip(places, [*places[1:], 1.0], strict=True)]
    assert max(gaps) <= 2 / count


def test_a_later_export_of_the_same_day_adds_what_was_counted_since() -> None:
    row = {"date": "2024-01-05", "hostname": "example.com", "page": "/"}
    earlier = [fields(pageview) for pageview in told(Plausible, {**row, "pageviews": "5"})]
    later = [fields(pageview) for pageview in told(Plausible, {**row, "pageviews": "8"})]
    assert later[:5] == earlier


# --- Umami ---


@pytest.mark.parametrize("as_json", [False, True])
def test_a_row_of_umami_becomes_a_pageview_of_a_visitor(*, as_json: bool) -> None:
    (pageview,) = told(Umami, {**UMAMI_ROW, "event_type": 1, "event_name": None} if as_json else UMAMI_ROW)
    assert fields(pageview) == {
        "pixel_id": 7,
        "domain": "www.example.com",
        "timestamp": TEN,
        "event_id": "umami:a1e0f4c2-7d35-4b1e-8a53-2c9b6d8f0e13",
        "visitor_id": "umami:6e2f0c9a-8f51-5e0d-b5a0-3d1f7a6b9c11",
        "session_id": "umami:0c7d8a3b-2b0e-5a43-8d51-9b2a4f6e7d12",
        "url": "https://www.example.com/tea?utm_source=news&b=1",
        "referrer": "https://www.example.org/search?q=tea",
        "title": "Tea",
        "screen": "1440x900",
        "language": "fr-FR",
        "country": "FR",
        "region": "FR-IDF",
        "city": "Paris",
        "utm_source": "news",
        "browser": "chrome",
        "os": "Mac OS",
        "device": "laptop",
    }


@pytest.mark.parametrize("nothing", ["NULL", r"\N", "0", "none", "00000000-0000-0000-0000-000000000000"])
def test_rows_of_a_tool_without_ids_are_neither_one_visitor_nor_one_pageview(nothing: str) -> None:
    row = {**UMAMI_ROW, **dict.fromkeys(("session_id", "visit_id", "event_id"), nothing)}
    of_umami = told(Umami, *({**row, "url_path": path} for path in ("/a", "/b")))
    visit = {
        "idVisit": nothing,
        "visitorId": nothing,
        "actionDetails": [{"type": "action", "url": "https://a.example/"}],
    }
    of_matomo = told(Matomo, *({**visit, "userId": user} for user in ("c-1", "c-2")))
    for pageviews in (of_umami, of_matomo):
        assert not any({"visitor_id", "session_id"} & fields(pageview).keys() for pageview in pageviews)
        assert len({fields(pageview)["event_id"] for pageview in pageviews}) == 2


def test_what_is_no_pageview_of_umami_is_counted_as_such() -> None:
    assert told(Umami, {**UMAMI_ROW, "event_type": "2", "event_name": "signup"}) == [None]


def test_without_a_host_the_first_domain_of_the_pixel_stands_for_it() -> None:
    (pageview,) = told(Umami, {name: value for name, value in UMAMI_ROW.items() if name != "hostname"})
    assert (fields(pageview)["domain"], fields(pageview)["url"][:23]) == ("example.com", "https://example.com/tea")


@pytest.mark.parametrize(
    ("written", "zone", "instant"),
    [
        ("2024-01-05 10:00:00", "UTC", TEN),
        ("2024-01-05 11:00:00", "Europe/Paris", TEN),
        ("2024-01-05T10:00:00.123Z", "Europe/Paris", TEN + 123),
        ("2024-01-05 10:00:00.123+00", "Europe/Paris", TEN + 123),
        ("2024-01-05 12:00:00+02:00", "UTC", TEN),
        ("1704448800", "UTC", TEN),
        ("1704448800123", "UTC", TEN + 123),
        (1_704_448_800_123, "UTC", TEN + 123),
    ],
)
def test_a_time_is_read_as_it_may_be_written(written: str | int, zone: str, instant: int) -> None:
    (pageview,) = told(Umami, {**UMAMI_ROW, "created_at": written}, site=SITE._replace(zone=ZoneInfo(zone)))
    assert fields(pageview)["timestamp"] == instant


def test_rows_without_an_id_get_one_of_their_content_and_of_their_place_among_their_like() -> None:
    bare = {name: value for name, value in UMAMI_ROW.items() if name != "event_id"}
    rows = (bare, {**bare, "url_path": "/cup"}, bare)
    ids = [fields(pageview)["event_id"] for pageview in told(Umami, *rows)]
    assert len(set(ids)) == 3
    assert ids == [fields(pageview)["event_id"] for pageview in told(Umami, *rows)]


# --- Matomo ---


@pytest.mark.parametrize("visit", [MATOMO_VISIT, flat(MATOMO_VISIT), flat(MATOMO_VISIT, " ")], ids=["json", "_", " "])
def test_the_pages_of_a_visit_of_matomo_become_pageviews(visit: dict[str, Any]) -> None:
    first, outlink, last = told(Matomo, visit)
    of_visit = {
        "pixel_id": 7,
        "visitor_id": "matomo:8c5e2f7a9b3d1e40",
        "session_id": "matomo:4711",
        "external_id": "customer-7",
        "language": "fr-fr",
        "screen": "1440x900",
        "country": "FR",
        "region": "Île-de-France",
        "city": "Paris",
        "browser": "Chrome",
        "browser_version": "120.0",
        "os": "Mac",
        "os_version": "14.2",
        "device": "Desktop",
    }
    assert outlink is None
    assert fields(first) == of_visit | {
        "domain": "www.example.com",
        "timestamp": "1704448800",
        "event_id": "matomo:4711.901",
        "url": "https://www.example.com/tea?b=1",
        "title": "Tea",
        "referrer": "https://www.example.org/search",
        "utm_campaign": "spring",
    }
    assert fields(last) == of_visit | {
        "domain": "example.com",
        "timestamp": "1704448860",
        "event_id": "matomo:4711.n2",
        "url": "https://example.com/cup",
        "referrer": "https://www.example.com/tea?b=1",
    }


def test_what_matomo_writes_for_nothing_is_not_given() -> None:
    first, *_ = told(Matomo, {**MATOMO_VISIT, "visitorId": False, "userId": None, "city": ""})
    assert not {"visitor_id", "external_id", "city"} & set(fields(first))


# --- heropixel ---


def test_the_fields_of_the_api_are_taken_and_what_the_other_server_made_of_them_is_not() -> None:
    row = {
        "eventId": "e-1",
        "pixelId": 3,
        "userId": "12",
        "timestamp": TEN,
        "domain": "example.com",
        "email": "anna@example.com",
        "consent": "true",
        "properties": '{"cart":[1]}',
        "browser": "Firefox",
        "title": None,
    }
    assert [fields(pageview) for pageview in told(Plain, row)] == [
        {
            "pixel_id": 7,
            "event_id": "e-1",
            "timestamp": str(TEN),
            "domain": "example.com",
            "email": "anna@example.com",
            "consent": True,
            "properties": {"cart": [1]},
            "browser": "Firefox",
        }
    ]


NO_TIME = "timestamp must be Unix seconds, Unix milliseconds or ISO 8601, from"


@pytest.mark.parametrize(
    ("tool", "row", "reason"),
    [
        (Plausible, {"date": "yesterday", "page": "/", "pageviews": "1"}, "date is not a day"),
        (Plausible, {"date": "9999-12-31", "page": "/", "pageviews": "1"}, "date is not a day"),
        (Plausible, {"date": "2024-01-05", "page": "/", "pageviews": "many"}, "pageviews is not a whole number"),
        (Plausible, {"date": "2024-01-05", "page": "/", "pageviews": "-1"}, "pageviews is not a whole number"),
        (Umami, {**UMAMI_ROW, "created_at": "soon"}, "created_at is not a time"),
        (Umami, {**UMAMI_ROW, "created_at": ""}, "created_at is not a time"),
        (Umami, {**UMAMI_ROW, "page_title": ["Tea"]}, "page_title is neither a text nor a number"),
        (Matomo, {**MATOMO_VISIT, "actionDetails": "none"}, "actionDetails is not a list of actions"),
        (Matomo, {**MATOMO_VISIT, "actionDetails": [7]}, "actionDetails is not a list of actions"),
        (Matomo, {"actionDetails": [{"type": "action", "url": "https://["}]}, "url is not a URL"),
        (Plain, {"timestamp": TEN, "visitor": "v"}, "visitor is not a field of a pageview"),
        (Plain, {"timestamp": TEN, "consent": "perhaps"}, "consent is neither true nor false"),
        (Plain, {"timestamp": TEN, "properties": "{"}, "properties is not a JSON object"),
    ],
    ids=str,
)
def test_a_row_that_stands_for_no_pageview_says_why(tool: type[Tool], row: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableRow, match=reason):
        told(tool, row)


# --- the command ---


def csv_of(rows: list[dict[str, Any]]) -> str:
    lines = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    return "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in lines)


def imported(world: World, file: Path, *more: str) -> dict[str, Any]:
    """What the command says of a file."""
    done: dict[str, Any] = json.loads(
        command(world, "pageviews", "import", str(file), "--pixel", str(world.pixel), "--json", *more)
    )
    return done


def test_the_help_says_what_plausible_does_not_know(world: World) -> None:
    said = " ".join(command(world, "pageviews", "import", "--help").split())
    assert "Plausible's export has no visitors" in said


def test_the_door_by_which_a_server_records_them_stays_shut_without_its_token(world: World) -> None:
    with running(world) as server:
        for path in ("/operator/pageviews?pixel=1", "/operator/catch-up"):
            assert server.http.post(path, headers={"Authorization": "Bearer wrong"}).status_code == 404


@pytest.fixture(params=["here", "by a server"])
def world_of_both(request: pytest.FixtureRequest, world: World) -> Iterator[World]:
    """A world in which no server runs, and one in which one does."""
    with running(world) if request.param == "by a server" else nullcontext():
        yield world


SAMPLES: list[tuple[str, str, tuple[int, int]]] = [
    ("imported_pages_20240101_20240401.csv", PLAUSIBLE, (4, 0)),
    ("website_event.csv", csv_of([UMAMI_ROW, {**UMAMI_ROW, "event_id": "e-2", "event_type": "2"}]), (1, 1)),
    ("website_event.json", json.dumps([UMAMI_ROW, {**UMAMI_ROW, "event_id": "e-2"}], indent=2), (2, 0)),
    ("visits.json", json.dumps([MATOMO_VISIT]), (2, 1)),
    ("visits.csv", csv_of([flat(MATOMO_VISIT)]), (2, 1)),
    ("pageviews.jsonl", json.dumps({"eventId": "e-1", "timestamp": TEN, "domain": "example.com"}), (1, 0)),
]


def test_the_exports_of_all_tools_are_recognised_and_recorded_once(world_of_both: World, tmp_path: Path) -> None:
    for name, content, (recorded, others) in SAMPLES:
        (tmp_path / name).write_text(content)
        already = 2 if name == "visits.csv" else 1 if name == "website_event.json" else 0  # from the file before
        for fresh in (recorded - already, 0):
            done = imported(world_of_both, tmp_path / name)
            counts = (done["recorded"], done["already_there"], done["no_pageviews"], done["rejected"])
            assert counts == (fresh, recorded - fresh, others, 0), name
    rows = exported(world_of_both)
    assert len(rows) == 9
    assert {row["eventId"].split(":")[0] for row in rows} == {"plausible", "umami", "matomo", "e-1"}


@pytest.mark.process
def test_pageviews_go_from_one_server_to_another_and_name_the_same_people(tmp_path: Path) -> None:
    one, other = make_world(tmp_path / "one"), make_world(tmp_path / "other")
    with running(one) as server:
        assert server.pageview(eventId="e-1", visitorId="v-1", consent=True, properties={"a": [1]})["code"] == 200
        assert server.pageview(url="https://example.com/ü", title='Tea, "green"')["code"] == 200
    for kind in ("jsonl", "csv", "parquet"):
        file = tmp_path / f"pageviews.{kind}"
        command(one, "pageviews", "export", "--format", kind, "--output", str(file))
        done = imported(other, file)
        assert (done["recorded"], done["already_there"]) == ((2, 0) if kind == "jsonl" else (0, 2))
    assert exported(other) == exported(one)


def test_people_are_resolved_by_what_a_row_gives(world_of_both: World, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("email,external_id\nanna@example.com,a-1\n")
    command(world_of_both, "users", "import", str(tmp_path / "people.csv"), "--app", world_of_both.app_id)
    rows = [
        {"eventId": f"e-{number}", "timestamp": TEN, "domain": "example.com", **who}
        for number, who in enumerate([{"email": "anna@example.com"}, {"externalId": "a-1"}, {"visitorId": "v-1"}])
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert imported(world_of_both, tmp_path / "rows.jsonl")["recorded"] == 3
    users = {row["eventId"]: row.get("userId") for row in exported(world_of_both)}
    assert users["e-0"] == users["e-1"] is not None
    assert users["e-2"] is None


def test_what_was_sent_to_the_api_is_not_imported_again(world: World, tmp_path: Path) -> None:
    with running(world) as server:
        assert server.pageview(eventId="e-1", timestamp=time.time_ns() // 1_000_000)["code"] == 200
        command(world, "pageviews", "export", "--output", str(tmp_path / "all.jsonl"))
        assert imported(world, tmp_path / "all.jsonl")["already_there"] == 1
    assert len(exported(world)) == 1


def test_an_id_that_stands_twice_in_a_file_is_recorded_once(world_of_both: World, tmp_path: Path) -> None:
    row = {"timestamp": TEN, "domain": "example.com"}
    ids = [f"e-{number}" for number in range(1_500)] * 2  # over several groups
    lines = [json.dumps({"eventId": event_id, **row}) for event_id in ["once", "once", *ids]]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    done = imported(world_of_both, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["already_there"]) == (1_501, 1_501)
    assert len(exported(world_of_both)) == 1_501


def test_rejected_rows_stand_beside_the_file_with_their_reasons(world_of_both: World, tmp_path: Path) -> None:
    ahead = (time.time() + 3600) * 1000
    rows: list[tuple[dict[str, Any], str]] = [
        ({"timestamp": TEN, "domain": "example.net"}, "Domain not authorized"),
        ({"timestamp": TEN, "domain": "no host"}, "Invalid domain"),
        ({"timestamp": TEN, "email": "anna"}, "email is not an email address"),
        (
            {"timestamp": "1989-12-31", "domain": "example.com"},
            NO_TIME,
        ),
        (
            {"timestamp": 600_000_000, "domain": "example.com"},
            NO_TIME,
        ),
        (
            {"timestamp": ahead, "domain": "example.com"},
            NO_TIME,
        ),
        ({"domain": "example.com"}, NO_TIME),
        ({"timestamp": TEN, "eventId": "null"}, "eventId holds a placeholder"),
        ({"timestamp": TEN, "mail": "anna@example.com"}, "mail is not a field of a pageview"),
    ]
    good = json.dumps({"timestamp": 700_000_000, "domain": "example.com"})
    lines = [good, *(json.dumps(row) for row, _ in rows), "{", good]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    done = imported(world_of_both, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["rejected"]) == (2, len(rows) + 1)
    rejected = [json.loads(line) for line in Path(done["rejectedFile"]).read_text().splitlines()]
    reasons = {one["line"]: one["reason"] for one in rejected}
    for line, (_, reason) in enumerate(rows, start=2):
        assert reasons[line].startswith(reason)
    assert reasons[len(rows) + 2].startswith("not a JSON object")


def test_a_placeholder_costs_a_past_pageview_only_the_identifier(world: World, tmp_path: Path) -> None:
    nothing = [
        {"externalId": "not_authenticated"},
        {"visitorId": "*|UNIQID|*"},
        {"email": "##EMAIL##", "phone": "NULL"},
    ]
    rows = [
        json.dumps({"timestamp": TEN + number, "domain": "example.com", **row}) for number, row in enumerate(nothing)
    ]
    rows.append(json.dumps({"timestamp": TEN, "domain": "example.com", "visitorId": float(2**53)}))
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    done = imported(world, tmp_path / "rows.jsonl")
    assert (done["recorded"], done["rejected"]) == (3, 1)
    assert list(done["reasons"]) == ["visitorId is a number whose last digits are lost: write it as a text"]
    left_out = [f"{field} holds a placeholder" for field in ("externalId", "visitorId", "email", "phone")]
    assert done["remarks"] == {f"{why}: the row was taken without it": 1 for why in left_out}
    assert not any({"userId", "visitorId"} & row.keys() for row in exported(world))


def test_a_row_of_many_pageviews_is_rejected_once_for_one_reason(world: World, tmp_path: Path) -> None:
    (tmp_path / "pages.csv").write_text(
        "date,hostname,page,pageviews\n2024-01-05,example.net,/,2500\n2024-01-05,example.com,/,2\n"
    )
    done = imported(world, tmp_path / "pages.csv")
    assert (done["recorded"], done["rejected"], done["reasons"]) == (2, 1, {"Domain not authorized": 1})


def test_what_a_pageview_was_seen_with_is_kept(world: World, tmp_path: Path) -> None:
    (tmp_path / "visits.json").write_text(json.dumps([MATOMO_VISIT]))
    imported(world, tmp_path / "visits.json")
    # In another process: an engine opens one folder a process, and other tests have theirs open.
    script = """
import sys
from heropixel.events import DATABASE, Events
question = f"SELECT DISTINCT browser, browser_version, os, os_version, device FROM {DATABASE}.pageviews"
print(Events(sys.argv[1]).ask(question))
"""
    said = run(world.settings.url_of_events(), script=script).stdout
    assert "('Chrome', '120.0', 'macOS', '14.2', 'DESKTOP')" in said


@pytest.mark.parametrize(
    ("name", "content", "more", "says"),
    [
        ("pages.csv", "name,visitors,pageviews\n/,1,2\n", (), "it has no dates"),
        ("imported_visitors.csv", "date,visitors,pageviews\n2024-01-05,1,2\n", (), "it has no pages"),
        ("people.csv", "email,plan\nanna@example.com,pro\n", (), "it has email, plan, but needs Plausible's"),
        ("website_event.csv", csv_of([UMAMI_ROW]), ("--from", "matomo"), "needs Matomo's visit log"),
        ("error.json", '{"result":"error","message":"no access"}', (), "it has message, result, but needs"),
        ("noise.jsonl", "noise\nnoise\n", (), "it has nothing that can be read"),
        ("visits.json", json.dumps([MATOMO_VISIT])[:-40], (), "the file ends within an object"),
        ("visits.json", json.dumps([MATOMO_VISIT])[:-1], (), "the file is incomplete: its array is not closed"),
        (
            "visits.json",
            '[{"idVisit": 1, "actionDetails": []}, 7]',
            (),
            "it is not a JSON array of objects (at byte 38)",
        ),
        ("visits.xml", "<result/>", (), "its name must end in one of .csv"),
        ("rows.jsonl", "", ("--timezone", "Mars/Olympus"), "is not a time zone such as Europe/Paris"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    world: World, tmp_path: Path, name: str, content: str, more: tuple[str, ...], says: str
) -> None:
    (tmp_path / name).write_text(content)
    words = ("pageviews", "import", str(tmp_path / name), "--pixel", "1", *more)
    said = command(world, *words, expect=2)
    assert says in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said


def test_a_pixel_that_is_not_there_and_a_folder_that_is_taken_are_named(world: World, tmp_path: Path) -> None:
    from heropixel import folder

    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"timestamp": TEN, "domain": "example.com"}))
    assert "Pixel not found" in command(world, "pageviews", "import", str(file), "--pixel", "99", expect=7)
    with folder.held(world.folder, "another command"):
        said = command(world, "pageviews", "import", str(file), "--pixel", "1", expect=3)
    assert "another command" in said


def test_an_empty_file_has_nothing_to_record(world: World, tmp_path: Path) -> None:
    for name, content in (("rows.jsonl", ""), ("rows.json", "[]"), ("rows.csv", "timestamp,domain\n")):
        (tmp_path / name).write_text(content)
        assert imported(world, tmp_path / name)["recorded"] == 0


def test_parquet_and_packed_files_are_read_too(world: World, tmp_path: Path) -> None:
    import gzip

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([UMAMI_ROW]), tmp_path / "events.parquet")
    (tmp_path / "visits.json.gz").write_bytes(gzip.compress(json.dumps([MATOMO_VISIT]).encode()))
    assert imported(world, tmp_path / "events.parquet")["recorded"] == 1
    assert imported(world, tmp_path / "visits.json.gz")["recorded"] == 2


# --- interrupted ---

MANY = 30_000


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A file that takes seconds, half of it with ids of its own."""
    file = tmp_path / "many.jsonl"
    with file.open("w") as out:
        for number in range(MANY):
            own = {"eventId": f"e-{number}"} if number % 2 else {}
            row = {**own, "timestamp": TEN + number // 5, "domain": "example.com", "visitorId": f"v-{number % 500}"}
            out.write(json.dumps(row) + "\n")
    return file


class Begun(NamedTuple):
    """An import under way."""

    process: Process
    log: Path

    def end(self) -> tuple[int, str]:
        """Wait until it has ended; its exit code, and what it printed."""
        return self.process.wait(60), self.log.read_text()


def begin(world: World, file: Path) -> Begun:
    log = file.with_suffix(".log")
    with log.open("wb") as out:
        words = ("--data", str(world.folder), "pageviews", "import", str(file), "--pixel", "1")
        return Begun(launch(*words, stdout=out, stderr=out), log)


def until_recorded(world: World, more: int) -> None:
    """Wait until the journal has given receipts for so many more."""
    journal = sqlite3.connect(f"file:{world.folder / 'journal.sqlite3'}?mode=ro", uri=True)
    before = None
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            ((receipts,),) = journal.execute("SELECT count(*) FROM receipts").fetchall()
        except sqlite3.OperationalError:  # it is just being made
            receipts = 0
        before = receipts if before is None else before
        if receipts >= before + more:
            journal.close()
            return
        time.sleep(0.005)
    raise AssertionError(f"{receipts - (before or 0)} of {more} were recorded in 60 s")


def check_complete(world: World, many: Path) -> None:
    done = imported(world, many)
    assert done["recorded"] + done["already_there"] == MANY
    assert done["already_there"] > 0, "something was recorded before it was interrupted"
    ids = [row["eventId"] for row in exported(world)]
    assert (len(ids), len(set(ids))) == (MANY, MANY)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_an_import_that_is_interrupted_and_run_again_is_complete_and_has_nothing_twice(
    world: World, many: Path, number: signal.Signals
) -> None:
    with running(world) as server:  # makes the stores
        server.stop()
    for _ in range(3):
        begun = begin(world, many)
        until_recorded(world, random.randint(500, 4_000))
        begun.process.send_signal(number)
        code, said = begun.end()
        assert code != 0
        assert "Traceback" not in said
    check_complete(world, many)


def test_an_import_whose_server_is_killed_is_completed_by_another(world: World, many: Path) -> None:
    with running(world) as server:
        begun = begin(world, many)
        until_recorded(world, 5_000)
        server.stop(signal.SIGKILL)
        code, said = begun.end()
    assert (code, "does not answer" in said) == (3, True)
    with running(world):
        check_complete(world, many)


def test_two_imports_of_one_file_at_the_same_time_record_it_once(world: World, many: Path) -> None:
    copy = many.with_name("copy.jsonl")
    copy.write_bytes(many.read_bytes())
    with running(world):
        both = [begin(world, file) for file in (many, copy)]
        assert [begun.end()[0] for begun in both] == [0, 0]
        assert len(exported(world)) == MANY
