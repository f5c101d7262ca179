"""Pageviews are exported whole, or those of an app, of pixels, of a range, or that match a filter."""

import json
from typing import Any

import pytest

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.pixels import create_pixel
from tests.world import World, command, running

pytestmark = pytest.mark.process

DAY = 86_400
NEW_YEAR = 1_704_067_200  # 2024-01-01 00:00 UTC

ROWS: list[dict[str, Any]] = [
    {"eventId": "home", "pixelId": 1, "domain": "example.com", "url": "https://example.com/", "country": "CH"},
    {"eventId": "tea", "pixelId": 1, "domain": "example.com", "url": "https://example.com/tea", "country": "DE"},
    {"eventId": "other", "pixelId": 2, "domain": "b.test", "url": "https://b.test/tea", "visitorId": "v-1"},
    {"eventId": "app", "pixelId": 3, "domain": "c.test", "url": "https://c.test/"},
    {"eventId": "ad", "pixelId": 3, "domain": "c.test", "url": "https://c.test/?utm_source=ad", "visitorId": "v-2"},
    {
        "eventId": "more",
        "pixelId": 3,
        "domain": "c.test",
        "url": "https://c.test/b",
        "visitorId": "v-2",
        "referrer": "https://c.test/",
        "timestamp": NEW_YEAR + 4 * DAY + 60,
    },
]


@pytest.fixture
def filled(world: World) -> World:
    """A world with two pixels of one app and one of another, each with pageviews of several days."""
    directory = open_directory(world.settings.url_of_directory())
    with directory.writing() as connection:
        one = app_number(connection, world.app_id)
        assert create_pixel(connection, one, "B", ["b.test"], now=1) == 2
        two = app_number(connection, create_app(connection, "Two", now=1).app_id)
        assert create_pixel(connection, two, "C", ["c.test"], now=1) == 3
    directory.close()
    rows = [{"timestamp": NEW_YEAR + number * DAY} | row for number, row in enumerate(ROWS)]
    file = world.folder.with_name("rows.jsonl")
    file.write_text("\n".join(map(json.dumps, rows)))
    assert json.loads(command(world, "pageviews", "import", str(file), "--json"))["recorded"] == 6
    return world


CASES: list[tuple[list[str], list[str]]] = [
    ([], ["home", "tea", "other", "app", "ad", "more"]),
    (["--app", "APP"], ["home", "tea", "other"]),
    (["--pixel", "1"], ["home", "tea"]),
    (["--pixel", "1", "--pixel", "3"], ["home", "tea", "app", "ad", "more"]),
    (["--from", "2024-01-02", "--to", "2024-01-03"], ["tea", "other"]),
    (["--from", "2024-01-03"], ["other", "app", "ad", "more"]),
    (["--to", "2024-01-01"], ["home"]),
    (["--from", "2024-01-01", "--to", "2024-01-01", "--timezone", "America/New_York"], ["tea"]),
    (["--range", "today"], []),
    (["--filter", "page=/tea"], ["tea", "other"]),
    (["--filter", "page=/tea", "--filter", "country!=DE"], ["other"]),
    (["--filter", "country=CH|DE", "--pixel", "1", "--to", "2024-01-01"], ["home"]),
    (["--filter", "hostname~test"], ["other", "app", "ad", "more"]),
    (["--filter", "pixel=3"], ["app", "ad", "more"]),
    (["--filter", "utm-source=ad"], ["ad", "more"]),
    (["--filter", "pageview-utm-source=ad"], ["ad"]),
    (["--filter", "entry-page=/", "--filter", "page!=/"], ["more"]),
    (["--filter", "channel=DIRECT"], ["home", "tea", "other", "app"]),
    (["--filter", "channel=DIRECT", "--pixel", "2"], ["other"]),
    (["--filter", "utm-source=ad", "--from", "2024-01-06"], []),
]


def test_an_export_holds_what_the_options_name_with_and_without_a_server(filled: World) -> None:
    def ids(*words: str) -> list[str]:
        return [json.loads(line)["eventId"] for line in command(filled, "pageviews", "export", *words).splitlines()]

    for words, expected in CASES[::4]:
        assert ids(*(word.replace("APP", filled.app_id) for word in words)) == expected, words
    with running(filled):
        for words, expected in CASES:  # a command that asks a server opens no event store
            assert ids(*(word.replace("APP", filled.app_id) for word in words)) == expected, words


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (("--pixel", "9"), 7, "Pixel not found"),
        (("--app", "app_unknown"), 7, "There is no app"),
        (("--filter", "colour=red"), 2, "colour is not a dimension"),
        (("--from", "yesterday"), 2, "range.from must be"),
        (("--last", "7d", "--from", "2024-01-01"), 2, "give only one of"),
    ],
)
def test_an_export_that_cannot_be_made_says_why(
    world: World, words: tuple[str, ...], exit_code: int, says: str
) -> None:
    assert says in " ".join(command(world, "pageviews", "export", *words, expect=exit_code).replace("│", " ").split())
