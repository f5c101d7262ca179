"""Long lists can be bound in every kind of event store: a server takes no value of more than 128 KiB."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from heropixel.events import Events
from heropixel.events.binding import LONGEST, in_pieces
from heropixel.events.erasing import erase_users
from heropixel.events.replaced import Anonymous, anonymous_among, remove_pageviews

NOW = 1_800_000_000_000
MANY = 30_000  # a batch of the loader
ROW = (
    '{"app":%d,"pixel_id":%d,"timestamp":"1800000000000","received":"1800000000000","event_id":"beacon:%d",'
    '"journal_position":%d,"resolution":"NOT_KNOWN","domain":"example.com","visitor_id":"daily:x","user_id":%d}'
)


@pytest.fixture(scope="module")
def events(every_events_url: str) -> Iterator[Events]:
    with closing(Events(every_events_url)) as events:
        yield events


def test_as_many_pageviews_as_a_batch_has_can_be_replaced(events: Events) -> None:
    events.insert("\n".join(ROW % (1, 1, number, number, 0) for number in (1, 2)).encode(), "replaced")
    named = {(1, f"beacon:{number}") for number in range(MANY)}
    found = dict(anonymous_among(events, named, NOW - 1, NOW + 1))
    assert found == {(1, "beacon:1"): Anonymous(NOW, 1), (1, "beacon:2"): Anonymous(NOW, 2)}
    others = [Anonymous(NOW, 10**12 + number) for number in range(MANY)]
    remove_pageviews(events, {1}, [*others, found[1, "beacon:1"]])
    assert [*events.stream("SELECT journal_position FROM pageviews WHERE app = 1")] == [(2,)]


def test_tens_of_thousands_of_people_can_be_erased_together(events: Events) -> None:
    events.insert((ROW % (2, 2, 3, 3, 9)).encode(), "erased")
    assert erase_users(events, 2, [[10**12 + number for number in range(MANY)], [9]]) == [0, 1]
    assert [*map(tuple, events.ask("SELECT user_id, visitor_id FROM pageviews WHERE app = 2"))] == [(0, "")]


def test_what_is_bound_is_whole_in_its_order_and_no_value_is_too_long() -> None:
    given = ["\\'" * 30 + str(number) for number in range(5_000)]
    statement, bound = in_pieces("SELECT {a:Array(String)}, {b:UInt8}, {a:Array(String)}", {"a": given, "b": 1})
    pieces = [value for name, value in bound.items() if name != "b"]
    assert [one for piece in pieces for one in piece] == given
    assert all(len(repr(piece)) < LONGEST for piece in pieces)
    assert statement.count("arrayConcat") == 2
    assert all(statement.count(f"{{{name}:") == 2 - (name == "b") for name in bound)
    assert in_pieces("{a:Array(UInt8)}", {"a": [1, 2]}) == ("{a:Array(UInt8)}", {"a": [1, 2]}), "nearly all are short"
