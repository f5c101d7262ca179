"""Pageviews are reprocessed after a change of rules, and their other columns stay."""

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import structlog.testing

from heropixel.columns import Row
from heropixel.enrichment import RULES, WRITTEN, Owns, enrich
from heropixel.events import Events
from heropixel.events import reprocessing as in_events
from heropixel.upkeep import reprocessing as module
from heropixel.upkeep.reprocessing import Count, pieces_to_reprocess, reprocess_all, reprocess_piece

pytestmark = pytest.mark.usefixtures("empty_events")


@pytest.fixture(scope="module")
def events(either_events_url: str) -> Iterator[Events]:
    with closing(Events(either_events_url)) as events:
        yield events


JULY, MAY = "1783000000000", "1778000000000"


def insert(events: Events, *rows: dict[str, Any]) -> None:
    """Rows as other rules have left them, at journal positions from 1 on."""
    common = {"app": 1, "pixel_id": 1, "received": MAY, "resolution": "FOUND", "domain": "example.com", "rules": "old"}
    numbered = [
        {**common, "timestamp": MAY, "event_id": f"e-{at:06}", "journal_position": at, **row}
        for at, row in enumerate(rows, 1)
    ]
    events.insert("\n".join(map(json.dumps, numbered)).encode(), secrets.token_hex(8))


def told(events: Events, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in events.ask(f"SELECT {', '.join(columns)} FROM pageviews ORDER BY event_id")]


def reprocessed(events: Events, *, everything: bool = False) -> Count:
    return reprocess_all(events, lambda _count: None, everything=everything)


URL = "https://www.example.com/tea?utm_source=fb&token=secret"
CURL = {"user_agent": "curl/8.5.0", "url": URL, "utm_medium": "paid", "country": "DE", "title": "Tea", "user_id": 7}


def test_rows_of_other_rules_come_out_as_the_loader_would_load_them_today(events: Events) -> None:
    insert(events, CURL, {**CURL, "timestamp": JULY}, {"browser": "Chrome", "os": "Mac", "device": "laptop"})
    assert reprocessed(events) == Count(3, 3, 3)
    seen = told(events, "url", "query", "utm_source", "utm_medium", "channel", "bot", "bot_reasons", "rules")
    of_curl = ("https://www.example.com/tea?utm_source=fb", "utm_source=fb", "fb", "paid", "PAID_SOCIAL", "BOT")
    assert seen[:2] == [(*of_curl, ["LISTED"], RULES)] * 2
    assert told(events, "browser", "os", "device", "rules")[2] == ("Chrome", "macOS", "DESKTOP", RULES)
    assert told(events, "country", "title", "user_id", "timestamp")[0][:3] == ("DE", "Tea", 7)


def test_what_these_rules_have_made_is_left_alone_unless_all_is_wanted(events: Events) -> None:
    insert(events, {**CURL, "rules": RULES, "channel": "EMAIL"}, CURL)
    assert reprocessed(events) == Count(1, 1, 1)
    assert told(events, "channel") == [("EMAIL",), ("PAID_SOCIAL",)]
    assert reprocessed(events) == Count(0, 0, 0)
    assert reprocessed(events, everything=True) == Count(2, 1, 2)
    assert told(events, "channel") == [("PAID_SOCIAL",), ("PAID_SOCIAL",)]
    assert reprocessed(events, everything=True) == Count(2, 0, 2)


def test_where_no_value_changes_only_the_version_is_written(events: Events) -> None:
    insert(events, CURL)
    reprocessed(events)
    before = told(events, "*")
    events.change("ALTER TABLE pageviews UPDATE rules = 'old' WHERE 1")
    assert reprocessed(events) == Count(1, 0, 1)
    assert told(events, "*") == before


def test_an_erased_person_stays_erased_and_enriched_columns_stay(events: Events) -> None:
    insert(
        events, {"resolution": "ERASED", "bot": "BOT", "browser": "curl", "channel": "EMAIL", "hostname": "example.com"}
    )
    before = told(events, "*")
    assert reprocessed(events, everything=True) == Count(0, 0, 0)
    assert told(events, "*") == before


def test_a_row_that_the_rules_fail_at_stays_and_is_reprocessed_another_time(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_some(row: Row, _owns: Owns) -> Row:
        if row.utm_medium == "fails":
            raise ValueError("anna@example.com")
        return enrich(row)

    monkeypatch.setattr(module, "enrich", fail_at_some)
    insert(events, CURL, {**CURL, "utm_medium": "fails"}, CURL)
    with structlog.testing.capture_logs() as said:
        reprocessed(events)
    assert [rules for (rules,) in told(events, "rules")] == [RULES, "old", RULES]
    assert "anna" not in str(said)
    monkeypatch.undo()
    assert reprocessed(events) == Count(1, 1, 1)


def test_many_rows_go_in_bounded_pieces_and_come_out_alike(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_events, "_SHARE", 10)
    monkeypatch.setattr(module, "_MAX_GATHERED", 15)
    monkeypatch.setattr(module, "_MAX_PIECE", 40)
    insert(events, *({**CURL, "timestamp": JULY if at % 3 else MAY, "utm_term": str(at)} for at in range(100)))
    assert all(sum(share.rows for share in piece) <= 40 for piece in pieces_to_reprocess(events, everything=False))
    counts: list[Count] = []
    assert reprocess_all(events, counts.append, everything=False) == Count(100, 100, 100)
    assert len(counts) > 2
    assert told(events, "utm_term", "rules") == [(str(at), RULES) for at in range(100)]
    tables = [name for (name,) in events.ask("SHOW TABLES")]
    assert "reprocessed" not in tables, "it holds what people have looked at"


def test_a_mutation_that_outlives_its_values_marks_no_row_as_processed(
    events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(events, CURL, CURL)
    change = events.change

    def lose_the_values(statement: str, **parameters: Any) -> None:
        if statement.startswith("ALTER"):  # as when the process is killed now, and the store is opened again
            change("TRUNCATE TABLE reprocessed")
        change(statement, **parameters)

    monkeypatch.setattr(events, "change", lose_the_values)
    reprocessed(events)
    assert [rules for (rules,) in told(events, "rules")] == ["old", "old"]
    monkeypatch.undo()
    assert reprocessed(events) == Count(2, 2, 2)


def test_an_interrupted_run_goes_on_where_it_stopped(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_events, "_SHARE", 10)
    insert(events, *({**CURL, "timestamp": JULY if at % 2 else MAY} for at in range(40)))
    first, *_ = pieces_to_reprocess(events, everything=False)
    reprocess_piece(events, first, everything=False)  # and dies
    assert reprocessed(events) == Count(20, 20, 20)
    assert reprocess_piece(events, first, everything=False) == 0, "again it changes nothing"


def test_rows_that_arrive_during_a_run_are_not_changed(events: Events) -> None:
    insert(events, CURL)
    (piece,) = pieces_to_reprocess(events, everything=False)
    fresh = {**CURL, "rules": RULES, "channel": "EMAIL", "journal_position": 9, "event_id": "later"}
    insert(events, fresh)
    assert reprocess_piece(events, piece, everything=False) == 1
    assert told(events, "channel") == [("PAID_SOCIAL",), ("EMAIL",)]


def test_what_the_rules_write_is_all_that_they_put(events: Events) -> None:
    row = Row(
        app=1, pixel_id=1, timestamp="1", received="1", event_id="e", domain="example.com", url=URL, user_agent="curl/8"
    )
    before = {name: getattr(row, name) for name in Row.__struct_fields__}
    enrich(row)
    changed = {name for name in Row.__struct_fields__ if getattr(row, name) != before[name]}
    assert changed - {"rules"} <= set(WRITTEN)
