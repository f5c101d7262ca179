"""The marks of the column `actor` are defined once, and the migrations of the event store have the same."""

import json
from collections.abc import Iterator
from contextlib import closing
from importlib import resources

import pytest

from heropixel.events import Events
from heropixel.events.actors import MARK, is_daily_hash, is_user, is_visitor, is_visitor_id

CHANGES = {file.name: file.read_text() for file in resources.files("heropixel.sql.events").iterdir()}
MAKING = sorted(name for name, text in CHANGES.items() if "actor UInt64" in text)


def test_the_column_is_made_for_pageviews_and_for_links() -> None:
    assert len(MAKING) == 2


@pytest.mark.parametrize("name", MAKING)
def test_each_change_that_makes_the_column_has_the_marks(name: str) -> None:
    assert f" {MARK})" in CHANGES[name]


@pytest.fixture(scope="module")
def events(either_events_url: str) -> Iterator[Events]:
    with closing(Events(either_events_url)) as events:
        yield events


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({}, (0, 0, 0, 0)),
        ({"user_id": 1}, (1, 0, 0, 0)),
        ({"user_id": (1 << 62) - 1, "visitor_id": "daily:1"}, (1, 0, 0, 0)),
        *(({"visitor_id": f"v{number}"}, (0, 1, 1, 0)) for number in range(5)),
        *(({"visitor_id": f"daily:{number}"}, (0, 1, 0, 1)) for number in range(5)),
    ],
)
def test_the_conditions_match_the_marks_of_the_column(
    events: Events, who: dict[str, object], expected: tuple[int, ...]
) -> None:
    name = json.dumps(who)
    row = {"app": 1, "pixel_id": 1, "timestamp": 1_800_000_000, "received": 1_800_000_000, "event_id": name, **who}
    events.insert(json.dumps(row).encode(), name)
    conditions = ", ".join(of("actor") for of in (is_user, is_visitor, is_visitor_id, is_daily_hash))
    (told,) = events.ask(f"SELECT {conditions} FROM pageviews WHERE event_id = {{name:String}}", name=name)
    assert tuple(told) == expected
