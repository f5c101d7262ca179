"""What the event store promises. An engine opens one folder a process: the tests share it and keep apart by pixel."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from heropixel.errors import EventsUnavailable
from heropixel.events import Events, migrations
from heropixel.events.erasing import (
    delete_from_month,
    drop_month,
    erase_pixel,
    erase_users,
    newest_receipt,
    outdated_months,
)
from heropixel.events.pageviews import EXPORT_COLUMNS, export
from heropixel.troubles import FolderFromNewerVersion, UnknownStore


@pytest.fixture(scope="module")
def url(every_events_url: str) -> str:
    return every_events_url


@pytest.fixture(scope="module")
def events(url: str) -> Iterator[Events]:
    events = Events(url)
    yield events
    events.close()


def rows(pixel: int, first: int, count: int, **more: Any) -> bytes:
    """Rows as the loader inserts them."""
    return b"\n".join(
        json.dumps(
            {
                "app": 1,
                "pixel_id": pixel,
                "timestamp": str(1_800_000_000_123 + number * 1000),
                "received": "1800000000500",
                "event_id": f"e-{first + number}",
                "resolution": "FOUND",
                "domain": "example.com",
                "journal_position": first + number,
                **more,
            }
        ).encode()
        for number in range(count)
    )


def exported(events: Events, pixel: int) -> list[dict[str, Any]]:
    return [row for row in export(events, {}) if row["pixelId"] == pixel]


def test_what_is_inserted_comes_out_under_the_names_of_the_api(events: Events) -> None:
    events.insert(rows(1, 1000, 2, user_id=7, title="Tea", properties='{"a":[1]}', consent="given"), "t-1000")
    first, second = exported(events, 1)
    assert list(first) == list(EXPORT_COLUMNS)
    assert (first["eventId"], first["timestamp"], first["userId"]) == ("e-1000", 1_800_000_000_123, "7")
    assert (first["title"], first["properties"], first["consent"]) == ("Tea", {"a": [1]}, True)
    assert second["url"] is None


def test_the_same_token_again_inserts_nothing(events: Events) -> None:
    for _ in range(2):
        events.insert(rows(2, 2000, 5), "t-2000")
    assert len(exported(events, 2)) == 5


def test_the_same_rows_over_two_months_are_inserted_once_too(events: Events) -> None:
    both = rows(3, 3000, 2) + b"\n" + rows(3, 3002, 2, timestamp="1796000000000")
    for _ in range(2):
        events.insert(both, "t-3000")
    assert len(exported(events, 3)) == 4


def test_positions_are_those_of_the_rows_in_a_range(events: Events) -> None:
    events.insert(rows(4, 4000, 3), "t-4000")
    assert events.positions(4001, 4010) == {4001, 4002}
    assert events.positions(4900, 4999) == set()


def test_nonsense_is_refused_and_spoils_nothing(events: Events) -> None:
    with pytest.raises(EventsUnavailable):
        events.insert(b'{"app": "nonsense"', "t-5000")
    events.insert(rows(5, 5000, 1), "t-5001")
    assert len(exported(events, 5)) == 1


def test_a_person_can_be_erased_and_the_pageviews_still_count(events: Events) -> None:
    events.insert(rows(6, 6000, 2, user_id=99, visitor_id="v-1", session_id="s-1"), "t-6000")
    events.insert(rows(6, 6002, 1, user_id=100, visitor_id="v-2"), "t-6002")
    assert erase_users(events, 1, [[99], [98]]) == [2, 0]
    left = [(row["eventId"], row["userId"], row["visitorId"], row["sessionId"]) for row in exported(events, 6)]
    assert sorted(left, key=str) == [("e-6002", "100", "v-2", None), *[(None, None, None, None)] * 2]
    assert erase_users(events, 1, [[99]]) == [0]


def test_no_file_of_the_engine_keeps_a_visitor_id_of_an_erased_person(events: Events) -> None:
    events.insert(rows(16, 16_000, 1, resolution="NOT_KNOWN", visitor_id="victims-browser"), "t-16000")
    events.insert(rows(16, 16_001, 1, user_id=97, visitor_id="victims-browser"), "t-16001")
    assert erase_users(events, 1, [[97]]) == [2]
    ((folder,),) = events.ask("SELECT path FROM system.disks WHERE name = 'default'")
    mutations = [*Path(folder).rglob("mutation_*.txt")]
    assert mutations, "this is how the engine keeps them"
    assert not [file for file in mutations if b"victims-browser" in file.read_bytes()]
    for table in ("pageviews", "links"):
        ((kept,),) = events.ask(
            f"SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = '{table}'"
        )
        assert "finished_mutations_to_keep = 1" in kept, "those of earlier versions are removed by the engine"


def test_the_pageviews_of_a_pixel_can_be_erased(events: Events) -> None:
    events.insert(rows(7, 7000, 2), "t-7000")
    assert (erase_pixel(events, 7), exported(events, 7)) == (2, [])


def instant(text: str) -> str:
    """A time in UTC as rows have it."""
    return str(round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000))


def milliseconds(text: str) -> int:
    return int(instant(text))


def last_rewrite(events: Events) -> int:
    """The number of the last mutation. Numbers grow, and the engine keeps the last one."""
    ((number,),) = events.ask(
        "SELECT max(toUInt64(extract(mutation_id, '[0-9]+'))) FROM system.mutations"
        " WHERE database = currentDatabase() AND table = 'pageviews'"
    )
    return int(number)


def parts_of(events: Events, month: str) -> int:
    question = (
        "SELECT count() FROM system.parts WHERE active"
        " AND database = currentDatabase() AND table = 'pageviews' AND partition_id = {month:String}"
    )
    ((count,),) = events.ask(question, month=month)
    return int(count)


def test_pageviews_older_than_asked_are_dropped_by_partition(events: Events) -> None:
    events.insert(rows(20, 20_000, 3, timestamp=instant("2019-01-31T23:59:59.999")), "t-20000")
    events.insert(rows(20, 20_003, 2, timestamp=instant("2019-02-01")), "t-20003")
    before = last_rewrite(events)
    assert outdated_months(events, {20: milliseconds("2019-02-28")}) == {"201901": [20]}
    assert drop_month(events, "201901", [20]) == {20: 3}
    assert (parts_of(events, "201901"), last_rewrite(events)) == (0, before), "at once, nothing is rewritten"
    assert [row["eventId"] for row in exported(events, 20)] == ["e-20003", "e-20004"]
    assert drop_month(events, "201901", [20]) == {}, "the same again changes nothing"


def test_a_month_shared_with_other_pixels_loses_only_the_pixels_own_pageviews(events: Events) -> None:
    for pixel in (21, 22, 23):
        events.insert(rows(pixel, pixel * 1000, 2, timestamp=instant("2019-03-15")), f"t-{pixel}")
    events.insert(rows(21, 21_002, 1, timestamp=instant("2019-04-15")), "t-21002")
    assert drop_month(events, "201903", [21, 23]) is None
    assert [len(exported(events, pixel)) for pixel in (21, 22, 23)] == [3, 2, 2]
    assert delete_from_month(events, "201903", [21, 23]) == {21: 2, 23: 2}
    assert [len(exported(events, pixel)) for pixel in (21, 22, 23)] == [1, 2, 0]
    assert outdated_months(events, {pixel: milliseconds("2019-04-30") for pixel in (21, 23)}) == {}


def test_a_month_that_only_pixels_have_which_are_through_with_it_is_dropped_for_all_at_once(events: Events) -> None:
    for pixel in (24, 25):
        events.insert(rows(pixel, pixel * 1000, pixel, timestamp=instant("2019-05-15")), f"t-{pixel}")
    assert drop_month(events, "201905", [24, 25, 26]) == {24: 24, 25: 25}


@pytest.mark.parametrize(
    ("keep_since", "outdated"),
    [
        ("2019-09-01T00:00:00", ["201907", "201908"]),
        ("2019-08-31T23:59:59.999", ["201907"]),
        ("2019-08-01T00:00:00", ["201907"]),
        ("2019-07-31T23:59:59.999", []),
        ("1926-01-01", []),
        ("2119-01-01", ["201907", "201908", "201909"]),
    ],
)
def test_a_month_is_outdated_when_all_of_it_is_older_than_asked(
    events: Events, keep_since: str, outdated: list[str]
) -> None:
    for month in ("2019-07-31T23:59:59.999", "2019-08-01", "2019-08-31T23:59:59.999", "2019-09-01"):
        events.insert(rows(27, 27_000, 1, timestamp=instant(month)), f"t-27-{month}")
    assert list(outdated_months(events, {27: milliseconds(keep_since), 28: 0})) == outdated


def test_the_pageview_that_was_received_last_is_known(events: Events) -> None:
    events.insert(rows(29, 29_000, 1, timestamp=instant("2019-10-01"), received=instant("2027-06-01")), "t-29000")
    assert newest_receipt(events) == milliseconds("2027-06-01")


def test_an_anonymous_pageview_belongs_to_the_first_linked_user_also_if_the_link_is_written_again(
    events: Events,
) -> None:
    events.insert(rows(8, 8000, 1, resolution="NOT_KNOWN", visitor_id="browser"), "t-8000")
    events.insert(rows(8, 8001, 1, user_id=5, visitor_id="browser"), "t-8001")
    assert [row["userId"] for row in exported(events, 8)] == ["5", "5"]
    events.change("ALTER TABLE links DELETE WHERE user_id = 5")
    assert [row["userId"] for row in exported(events, 8)] == [None, "5"]
    events.add_links(b'{"app": 1, "visitor_id": "browser", "user_id": 6, "linked_at": "1900000000000"}')
    for _ in range(2):
        events.link(8000, 8001)
    assert [row["userId"] for row in exported(events, 8)] == ["5", "5"], "the earlier link"
    events.add_links(b'{"app": 1, "visitor_id": "browser", "user_id": 6, "linked_at": 1700000000}')
    assert [row["userId"] for row in exported(events, 8)] == ["6", "5"]


def test_changes_of_the_table_are_applied_once_and_in_order(events: Events, url: str) -> None:
    again = Events(url)
    applied = again.ask("SELECT number FROM migrations ORDER BY number")
    assert [row[0] for row in applied] == [number for number, _, _ in migrations()]
    again.close()


def test_a_kind_of_event_store_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownStore, match="clickhouse://host"):
        Events("duckdb://file")


def test_an_event_store_from_a_newer_version_is_refused(events: Events, url: str) -> None:
    events.change("INSERT INTO migrations VALUES (9999, 'later')")
    try:
        with pytest.raises(FolderFromNewerVersion):
            Events(url)
    finally:
        events.change("ALTER TABLE migrations DELETE WHERE number = 9999")
