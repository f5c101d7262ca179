"""Enriching many pageviews at once, by columns, gives what enriching each of them gives."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from heropixel.columns import COLUMNS, Row
from heropixel.enrichment import RULES, WRITTEN, Alike, RowsByColumn, enrich
from heropixel.enrichment.alike import STEPS
from tests.enrichment.rows import PLAIN

URLS = (
    "",
    "https://www.example.com/shoes?utm_source=letter&utm_medium=email&token=secret",
    " http://example.com/a%2fb/../caf%C3%A9#/prices",
    "https://example.com/?gclid=abc#utm_source=fb",
    "http:",
    "/tea?email=anna@example.com",
    "tea",
)
AGENTS = (
    "",
    "curl/8.5.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
)
VALUES: dict[str, tuple[object, ...]] = {
    "pixel_id": (1, 2),
    "event_id": ("e-1", "beacon:1", "beacon:2", ""),
    "domain": ("example.com", "tea"),
    "url": URLS,
    "canonical": URLS,
    "referrer": (*URLS, "https://www.google.com/", "own.example.net/x", "https://news.example.org/?code=1"),
    "user_agent": AGENTS,
    "client_hints": ("", "-", '"Chromium";v="140"', '"HeadlessChrome";v="140"'),
    "timezone": ("", "Europe/Zurich", "Nowhere/Land"),
    "screen": ("", "0x0", "1920x1080"),
    "viewport": ("", "0x0", "100x100"),
    "country": ("", "ch", "Switzerland", "XX"),
    "region": ("", "US-CA", "Bern", "null"),
    "city": ("", "Bern", "(not set)"),
    "place_basis": ("", "GIVEN", "TIMEZONE", "odd"),
    "language": ("", "de_CH", "x"),
    "utm_source": ("", "Google", "anna@example.com", "{{source}}"),
    "utm_medium": ("", "cpc", "%20email"),
    "utm_campaign": ("", "spring"),
    "utm_term": ("", "null"),
    "utm_content": ("", "a%2520b"),
    "browser": ("", "chrome", "Mobile Safari"),
    "browser_version": ("", "17.4"),
    "os": ("", "GNU/Linux", "Windows 10"),
    "os_version": ("", "10"),
    "device": ("", "smartphone"),
    "rules": ("", "old"),
}
# Few of the columns differ in most rows, as in life.
ROWS = st.lists(
    st.dictionaries(st.sampled_from([*VALUES]), st.integers(0, 99), max_size=6).map(
        lambda picks: {name: VALUES[name][pick % len(VALUES[name])] for name, pick in picks.items()}
    ),
    min_size=1,
    max_size=8,
)
USUAL: dict[str, Any] = {
    **PLAIN,
    "url": URLS[1],
    "user_agent": AGENTS[2],
    "timezone": "Europe/Zurich",
}


def owns(pixel: int, host: str) -> bool:
    return (pixel, host) == (2, "own.example.net")


def columns_of(rows: list[Row]) -> RowsByColumn:
    return RowsByColumn({name: [getattr(row, name) for row in rows] for name in COLUMNS}, len(rows))


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_pageviews_are_enriched_together_as_each_is_alone(parts: list[list[dict[str, Any]]]) -> None:
    alike = Alike(owns)
    for part in parts:
        rows = [Row(**{**USUAL, **given}) for given in part]
        columns = columns_of(rows)
        alike.enrich(columns)
        found = zip(*(columns.values(name) for name in COLUMNS), strict=True)
        assert [*found] == [msgspec.structs.astuple(enrich(row, owns)) for row in rows]


def test_each_column_of_the_rules_is_written_by_one_step() -> None:
    assert sorted(name for step in STEPS for name in step.writes) == sorted(WRITTEN)


def test_rows_that_are_alike_are_enriched_once() -> None:
    rows = [Row(**{**USUAL, "event_id": f"e-{number}"}) for number in range(50)]
    columns = columns_of(rows)
    Alike(owns).enrich(columns)
    assert columns.same["path"] == "/shoes"
    assert columns.same["rules"] == RULES
    assert [*columns.several] == ["event_id"]
