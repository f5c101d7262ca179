"""The overview of a pixel, as somebody sees it who runs the site."""

import csv
import io
import re
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.async_api import expect

from tests.chromium.dashboard.conftest import PATHS, RECORD, Look
from tests.chromium.dashboard.looking import Looking
from tests.world import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

REPORT = """query ($auth: AuthInput, $report: ReportInput!) { report(auth: $auth, report: $report) {
    code totals { pageviews sessions visitors { count } } rows { page pageviews visitors { count } } } }"""


async def test_one_request_draws_the_overview_of_five_in_all_and_another_tab_or_order_asks_for_its_own_panel_alone(
    look: Look,
) -> None:
    window = await look()
    assert len(window.asked()) == 1
    await window.page.wait_for_selector(".plot canvas")
    streams = [request for request in window.requests if "event-stream" in request.headers.get("accept", "")]
    assert len(window.requests) - len(streams) <= 5, [request.url for request in window.requests]
    await _another_tab_or_order_asks_for_its_own_panel_alone(window)


async def test_one_request_draws_all_pixels_and_a_table(look: Look) -> None:
    for fragment in ("#/", "#/pixels/1/table/pages"):
        window = await look(fragment)
        assert len(window.asked()) == 1, fragment


async def test_the_figures_are_those_of_the_api_with_their_change_and_the_chart_has_its_table(
    look: Look, shown: Server
) -> None:
    window = await look("#/pixels/1?period=last-7-days&metric=pageviews")
    report = {"pixelIds": [1], "range": {"name": "LAST_7_DAYS"}, "timezone": "Europe/Zurich"}
    metrics = ["VISITORS", "SESSIONS", "PAGEVIEWS"]
    totals = shown.graphql(REPORT, {"auth": shown.world.auth, "report": {**report, "metrics": metrics}})
    totals = totals["data"]["report"]["totals"]
    figures = await window.page.locator(".figure").all_inner_texts()
    assert [text.split("\n")[0] for text in figures] == [
        *("Visitors", "Visits", "Pageviews", "Match rate", "Bounce rate", "Duration"),
    ]
    assert [text.split("\n")[1] for text in figures[:3]] == [
        str(totals["visitors"]["count"]),
        str(totals["sessions"]),
        str(totals["pageviews"]),
    ]
    assert all(re.search("[+−±][0-9.]+\u202f(%|points?)", text) for text in figures), figures
    await _chart_and_table(window)


async def test_a_click_on_a_row_is_a_filter_and_removing_it_brings_back_what_was(look: Look) -> None:
    window = await look()
    before = await window.read()
    await window.click("Germany", within="section[aria-label=Places]")
    assert "filter=country~is~DE" in window.page.url
    narrowed = await window.read()
    assert narrowed != before
    assert await window.page.locator("section[aria-label=Places] tbody tr").count() == 1
    await window.page.get_by_label("Remove the filter: Country is Germany").click()
    assert await window.read() == before


async def test_filters_join_by_and_or_and_not(look: Look, shown: Server) -> None:
    window = await look()
    await window.page.get_by_role("button", name="Add filter").click()
    form = window.page.locator("form.filter-form")
    await form.get_by_label("How").select_option("is not")
    await form.get_by_label("Values", exact=True).fill("/shop")
    await form.get_by_text("Or another condition").click()
    await form.get_by_label("What").nth(1).select_option("Country")
    for country in ("CH", "AT"):
        await form.get_by_label("Values", exact=True).nth(1).fill(country)
        await window.page.keyboard.press("Enter")
    await form.get_by_role("button", name="Apply").click()
    await window.drawn()
    await window.click("Safari", within="section[aria-label=Devices]")
    asked = window.asked()[-1]["variables"]["figures"]["filter"]
    assert asked == {
        "and": [
            {
                "or": [
                    {"on": {"dimension": "PAGE", "isNot": ["/shop"]}},
                    {"on": {"dimension": "COUNTRY", "is": ["CH", "AT"]}},
                ]
            },
            {"on": {"dimension": "BROWSER", "is": ["Safari"]}},
        ]
    }
    filtered = {"pixelIds": [1], "range": {"name": "LAST_30_DAYS"}, "timezone": "Europe/Zurich", "filter": asked}
    totals = shown.graphql(REPORT, {"auth": shown.world.auth, "report": filtered})["data"]["report"]["totals"]
    assert (await window.page.locator(".figure b").nth(2).inner_text()) == str(totals["pageviews"])


async def _another_tab_or_order_asks_for_its_own_panel_alone(window: Looking) -> None:
    await window.click("Cities", within="section[aria-label=Places]")
    await window.page.get_by_title("Sort by Pageviews").click()
    await window.drawn()
    first, *others = window.asked()
    assert "figures" in first["variables"]
    assert [[*each["variables"]] for each in others] == [["report"], ["report"]]
    assert await window.page.locator("section[aria-label=Places] tbody th").first.inner_text() == "Zurich"


async def test_the_table_of_a_panel_comes_as_csv_with_every_row_and_figure(
    look: Look, shown: Server, tmp_path: Path
) -> None:
    window = await look("#/pixels/1?compare=none")
    async with window.page.expect_download() as started:
        await window.page.get_by_label("Download Pages as CSV").click()
    file = await started.value
    assert file.suggested_filename == "pages-last-30-days.csv"
    await file.save_as(tmp_path / "pages.csv")
    rows = [*csv.DictReader(io.StringIO((tmp_path / "pages.csv").read_text("utf-8-sig")))]
    report = {"pixelIds": [1], "range": {"name": "LAST_30_DAYS"}, "timezone": "Europe/Zurich", "dimensions": ["PAGE"]}
    answer = shown.graphql(REPORT, {"auth": shown.world.auth, "report": report})["data"]["report"]
    assert {row["Page"]: (int(row["Visitors"]), int(row["Pageviews"])) for row in rows} == {
        row["page"]: (row["visitors"]["count"], row["pageviews"]) for row in answer["rows"]
    }
    assert {unquote(path) for path in PATHS} == {row["Page"] for row in rows}


async def _chart_and_table(window: Looking) -> None:
    assert await window.page.get_by_role("img", name="Pageviews by day").count() == 1
    await window.page.get_by_role("button", name="As a table").click()
    table = window.page.get_by_role("region", name="Pageviews by day")
    assert await table.locator("tbody tr").count() == 7
    values = await table.locator("tbody tr td:nth-of-type(1)").all_inner_texts()
    shown_total = await window.page.locator(".figure b").nth(2).inner_text()
    assert sum(map(int, values)) == int(shown_total)


async def test_the_number_of_visitors_now_follows_the_stream_and_can_be_paused(look: Look, shown: Server) -> None:
    window = await look("#/pixels/2")
    now = window.page.locator(".now")
    before = int(re.findall(r"\d+", await now.inner_text())[0])
    stream = await window.stream()
    event = {"pixelId": 2, "domain": "example.com", "visitorId": "just-now", "timestamp": time.time() - 1}
    body = shown.graphql(RECORD, {"auth": shown.world.auth, "events": [event]})
    assert body["data"]["pageviews"]["code"] == 200
    await expect(now).to_contain_text(f"{before + 1} visitor", timeout=30_000)
    async with window.page.expect_event("requestfailed", lambda request: request == stream):
        await window.page.get_by_role("button", name="Pause live numbers").click()
    assert await now.locator("[aria-live]").get_attribute("aria-live") == "off"
