"""One thing has one spelling, through a real server: a page, a country, a campaign and a site are one row each."""

import httpx

from tests.contract.beaconing import headers_of
from tests.contract.waiting import eventually
from tests.world import World, command, running

ROWS = """
query ($auth: AuthInput, $dimension: Dimension!, $filter: FilterInput) {
  report(auth: $auth, report: {
    pixelIds: [1], range: { name: TODAY }, metrics: [PAGEVIEWS], dimensions: [$dimension], filter: $filter
  }) { code message rows { page entryPage country region language pageviewChannel pageviewUtmCampaign pageviews } }
}
"""


def test_one_thing_is_one_row_of_reports_whoever_sent_it(world: World) -> None:
    command(world, "domains", "add", "example.de", "--pixel", "1")
    sent = [
        {"url": "https://example.com/caf%C3%A9?utm_campaign=Spring%20Sale", "country": "CH", "language": "de-CH"},
        {"url": "https://example.com/x/../caf%c3%a9#UTM_CAMPAIGN=Spring+Sale", "country": "ch", "language": "de_ch"},
        {
            "url": "https://example.com./café",
            "country": "Switzerland",
            "region": "CH-ZH",
            "utmCampaign": "Spring  Sale",
        },
        {"url": "https://example.com/#/prices", "country": "Schweiz", "referrer": "https://www.example.de/"},
        {"url": "https://example.com/docs#install", "country": "XX", "referrer": "https://shop.example.de/a"},
    ]
    with running(world) as server:
        for event in sent:
            assert server.pageview(visitorId="v", **event)["code"] == 200
        url = "https://example.com/#tab"
        beacon = {"pixelId": 1, "url": url}  # as the script sends it with `data-hash`
        answer = httpx.post(f"{server.url}/collect", json=beacon, headers=headers_of(), timeout=30, verify=False)
        assert answer.status_code == 204
        server.loaded(len(sent) + 1)

        def rows(dimension: str, field: str, **filter_: object) -> dict[str, int]:
            asked = {"auth": world.auth, "dimension": dimension, "filter": filter_ or None}
            report = server.graphql(ROWS, asked)["data"]["report"]
            assert report["code"] == 200, report
            return {row[field]: row["pageviews"] for row in report["rows"]}

        eventually(lambda: sum(rows("PAGE", "page").values()), len(sent) + 1)
        assert rows("PAGE", "page") == {"/café": 3, "/#/prices": 1, "/docs": 1, "/#tab": 1}
        assert rows("COUNTRY", "country") == {"CH": 4, "": 2}
        assert rows("REGION", "region") == {"Zurich": 1, "": 5}
        assert rows("PAGEVIEW_UTM_CAMPAIGN", "pageviewUtmCampaign")["Spring Sale"] == 3
        assert rows("PAGEVIEW_CHANNEL", "pageviewChannel")["INTERNAL"] == 2
        of_page = {"on": {"dimension": "PAGE", "is": ["/caf%C3%A9"]}}
        assert rows("COUNTRY", "country", **of_page) == {"CH": 3}
        assert rows("PAGE", "page", on={"dimension": "COUNTRY", "is": ["Suisse"]}) == {"/café": 3, "/#/prices": 1}
