"""A row of the export of each tool becomes the pageviews that it stands for."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from heropixel.importing.tools.matomo import Matomo
from heropixel.importing.tools.plain import Plain
from heropixel.importing.tools.plausible import Plausible, spread
from heropixel.importing.tools.tool import Site, Tool
from heropixel.importing.tools.umami import Umami
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow
from heropixel.transfer.converting import UnusableRow
from tests.importing.exports import MATOMO_VISIT, SITE, TEN, UMAMI_ROW, flat


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
