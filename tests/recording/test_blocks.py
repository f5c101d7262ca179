"""A batch that is inserted as a block of columns has the same rows as one that is inserted row by row."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heropixel.columns import COLUMNS
from heropixel.events import DATABASE, Events
from heropixel.events.native import Block
from heropixel.journal import Batch, Journal
from heropixel.recording.blocks import block_of
from heropixel.recording.loader import Loader
from heropixel.recording.pageview import Entry
from heropixel.recording.rows import rows_of
from tests.recording.no_links import NO_LINKS
from tests.session.examples import examples

NOW = 1_800_000_000_000
ALL = f"SELECT {', '.join(COLUMNS)}, actor FROM {DATABASE}.pageviews ORDER BY journal_position"
LINKS = f"SELECT * FROM {DATABASE}.links ORDER BY ALL"


def entry(number: int, **more: Any) -> Entry:
    return Entry(
        **{
            "app": 1,
            "pixel_id": -7,
            "domain": "example.com",
            "event_id": f"e-{number}",
            "resolution": "FOUND",
            "timestamp": str(NOW + number),
            "received": str(NOW),
            **more,
        }
    )


def batch_of(*entries: Entry) -> Batch:
    return Batch(100, 99 + len(entries), [*map(msgspec.json.encode, entries)], repeated=False)


def block_for(batch: Batch) -> Block:
    block = block_of(batch, NO_LINKS)
    assert block is not None
    return block


_TOKENS = map(str, count())


def rows_after(events: Events, insert: Callable[[str], None]) -> tuple[Sequence[object], object]:
    for table in ("pageviews", "links"):
        events.change(f"TRUNCATE TABLE {DATABASE}.{table}")
    insert(f"token {next(_TOKENS)}")
    return events.ask(ALL), events.ask(LINKS)


TEXTS = st.one_of(st.sampled_from(("", "a", "\\N", "é\n\t'\"", "x" * 127, "y" * 128, "ß" * 9_000)), st.text(max_size=9))
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"timestamp": st.sampled_from((str(NOW), "631152000000", "2147483647999"))},
        optional={
            **dict.fromkeys(("event_id", "visitor_id", "url", "title", "user_agent", "city", "properties"), TEXTS),
            "user_id": st.integers(0, 2**63 - 1),
            "consent": st.sampled_from(("unknown", "given", "refused")),
            "imported": st.sampled_from((0, 1)),
            "unlinked_from": st.sampled_from((0, 9)),
            "matched_on": st.sampled_from(("", "EMAIL", "VISITOR_ID")),
            "pixel_id": st.integers(-(2**31), 2**31 - 1),
        },
    ),
    min_size=1,
    max_size=20,
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ENTRIES)
def test_a_block_has_the_rows_that_the_same_batch_has_row_by_row(events: Events, given: list[dict[str, Any]]) -> None:
    batch = batch_of(*(entry(number, **one) for number, one in enumerate(given)))
    lines = b"\n".join(rows_of(batch, NO_LINKS))
    expected = rows_after(events, lambda token: events.insert(lines, token))
    assert len(expected[0]) == len(given)
    assert rows_after(events, lambda token: events.insert(block_for(batch), token)) == expected


def test_a_block_of_thousands_of_rows_is_one_insert_and_is_there_once(empty_events: Events) -> None:
    """More distinct texts than an index of one byte can tell apart, and a column that only the last row has."""
    entries = [entry(number, title=f"page {number % 300}", user_agent="curl/8.5.0") for number in range(2_500)]
    entries[-1].city, entries[-1].bot_reasons = "Zürich", ("LISTED", "SAYS_SO")
    batch = batch_of(*entries)
    lines = b"\n".join(rows_of(batch, NO_LINKS))
    expected = rows_after(empty_events, lambda token: empty_events.insert(lines, token))
    assert len(expected[0]) == len(entries)

    def insert_twice(token: str) -> None:
        for _ in range(2):
            empty_events.insert(block_for(batch), token)

    assert rows_after(empty_events, insert_twice) == expected
    parts = f"SELECT count() FROM system.parts WHERE database = '{DATABASE}' AND table = 'pageviews' AND active"
    assert empty_events.ask(parts)[0][0] == 1


@pytest.mark.parametrize(
    "odd",
    [
        b'{"app":1,"browser":null}',
        b"",
        msgspec.json.encode(entry(2, timestamp="1800000000")),
        msgspec.json.encode(entry(2, received="١٨٠٠٠٠٠٠٠٠٠٠٠")),
        msgspec.json.encode(entry(2, user_id=2**64)),
    ],
)
def test_a_batch_with_an_odd_entry_goes_row_by_row(odd: bytes) -> None:
    batch = batch_of(entry(1), entry(2), entry(3))
    assert block_of(batch, NO_LINKS) is not None
    assert block_of(batch._replace(payloads=[batch.payloads[0], odd, batch.payloads[2]]), NO_LINKS) is None


def test_a_usual_batch_is_loaded_as_a_block(
    empty_events: Events, journals: tuple[Journal, Journal], monkeypatch: pytest.MonkeyPatch
) -> None:
    appender, loading = journals
    appender.append(msgspec.json.Encoder().encode_lines([entry(1), entry(2)]), {}, NOW)
    inserted: list[object] = []
    insert = empty_events.insert

    def noting(rows: bytes | Block, token: str) -> None:
        inserted.append(type(rows))
        insert(rows, token)

    monkeypatch.setattr(empty_events, "insert", noting)
    Loader(loading, NO_LINKS, lambda: empty_events, lambda: NOW).load_all()
    assert [row[0] for row in empty_events.ask(f"SELECT event_id FROM {DATABASE}.pageviews ORDER BY 1")] == [
        "e-1",
        "e-2",
    ]
    assert inserted == [Block]
