"""What other tools kept of a site's own pages: their spelling, and that visitors came to them from within the site."""

import csv
from typing import Any

from heropixel.columns import Row
from heropixel.importing.tools.matomo import Matomo
from heropixel.importing.tools.tool import Tool
from heropixel.importing.tools.umami import Umami
from heropixel.transfer import FileRow
from tests.enrichment.rows import enriched
from tests.importing.exports import SITE

VISIT: dict[str, Any] = {
    "idVisit": "9001",
    "visitorId": "9dc9cf8485eecd01",
    "actionDetails": [
        {"type": "action", "url": "https://example.com/", "pageId": "5001", "timestamp": 1714989600},
        {"type": "action", "url": "https://example.com/prices", "pageId": "5002", "timestamp": 1714989660},
        {"type": "outlink", "url": "https://example.org/partner", "pageId": "5003", "timestamp": 1714989700},
        {"type": "search", "url": "https://example.com/find?q=shoes", "pageId": "5004", "timestamp": 1714989720},
        {"type": "action", "url": "https://example.com/caf%C3%A9", "pageId": "5005", "timestamp": 1714989780},
    ],
    "referrerType": "search",
    "referrerName": "Google",
    "referrerUrl": "https://www.google.com/",
    "languageCode": "en-us",
    "countryCode": "us",
    "regionCode": "CA",
    "region": "California, United States",
}
UNKNOWN = {
    "languageCode": "xx",
    "countryCode": "xx",
    "regionCode": "xx",
    "region": "Unknown",
    "city": None,
    "deviceType": "Unknown",
    "operatingSystemName": "Unknown",
    "browserName": "Unknown",
    "resolution": "unknown",
    "referrerType": "direct",
    "referrerUrl": "",
}

UMAMI = """\
event_id,hostname,country,region,language,url_path,url_query,referrer_path,referrer_query,referrer_domain,created_at
1,example.com,US,US-CA,en-us,/,,/,,google.com,2025-06-15 14:30:00
2,example.com,US,US-CA,en-us,/docs#install,utm_source=newsletter&utm_medium=email,/,,,2025-06-15 14:31:00
3,example.com,US,US-CA,en-us,/#/prices,,/docs,,,2025-06-15 14:32:00
4,example.com,US,US-CA,en-us,/café crème,,/,,,2025-06-15 14:33:00
5,example.com,US,US-CA,en-us,/direct,,,,,2025-06-15 14:34:00
"""


def imported(tool: type[Tool], *rows: dict[str, Any]) -> list[Row]:
    """The enriched rows of what a tool's reader makes of rows."""
    reader = tool(SITE)
    pageviews = [each for line, row in enumerate(rows, 2) for each in reader.pageviews(FileRow(line, row)) if each]
    made = []
    for past in pageviews:
        event = {name: getattr(past.event, name) for name in past.event.__struct_fields__}
        texts = {name: value for name, value in event.items() if name in Row.__struct_fields__ and value}
        seen_with = {name: getattr(past, name) for name in ("browser", "os", "device") if getattr(past, name)}
        made.append(enriched(**texts, **seen_with))
    return made


def test_the_later_pages_of_a_visit_of_matomo_came_from_the_site_itself() -> None:
    rows = imported(Matomo, VISIT)
    assert [(row.path, row.channel, row.source) for row in rows] == [
        ("/", "ORGANIC_SEARCH", "Google"),
        ("/prices", "INTERNAL", ""),
        ("/café", "INTERNAL", ""),
    ]
    assert {(row.country, row.region, row.language) for row in rows} == {("US", "California", "en-US")}


def test_the_campaign_of_a_visit_of_matomo_is_that_of_its_first_page() -> None:
    campaign = {
        "referrerType": "campaign",
        "referrerUrl": "",
        "campaignSource": "newsletter",
        "campaignMedium": "email",
    }
    rows = imported(Matomo, {**VISIT, **campaign, "campaignName": "spring"})
    assert [row.channel for row in rows] == ["EMAIL", "INTERNAL", "INTERNAL"]
    assert [row.utm_campaign for row in rows] == ["spring", "", ""]


def test_what_matomo_does_not_know_is_empty() -> None:
    for row in imported(Matomo, VISIT | UNKNOWN):
        known = (row.country, row.region, row.city, row.language, row.browser, row.os, row.device, row.screen)
        assert known == ("",) * 8


def test_a_region_that_has_no_code_here_has_the_name_that_matomo_gives_it() -> None:
    assert {row.region for row in imported(Matomo, {**VISIT, "regionCode": "99"})} == {"California"}


def test_the_pages_of_umami_have_the_spelling_and_the_origin_that_they_would_have_live() -> None:
    rows = imported(Umami, *csv.DictReader(UMAMI.splitlines()))
    assert [(row.path, row.channel, row.source) for row in rows] == [
        ("/", "ORGANIC_SEARCH", "Google"),
        ("/docs", "EMAIL", "Newsletter"),
        ("/#/prices", "INTERNAL", ""),
        ("/café crème", "INTERNAL", ""),
        ("/direct", "DIRECT", ""),
    ]
    assert rows[1].url == "https://example.com/docs?utm_source=newsletter&utm_medium=email#install"
    assert {(row.country, row.region, row.language) for row in rows} == {("US", "California", "en-US")}
