"""Visitors are linked once and in the end, whatever dies or is away meanwhile."""

import sqlite3
from typing import Any

import pytest
import structlog.testing
from sqlalchemy.exc import DBAPIError

from heropixel.errors import EventsUnavailable
from heropixel.events import DATABASE, Events
from heropixel.recording.rows import rows_of
from tests.recording.linking import ANN, BEN, Place, sha256
from tests.recording.no_links import NO_LINKS

pytestmark = pytest.mark.usefixtures("empty_events")


class _KilledError(BaseException):
    """As `kill -9`, as far as the stores can see."""


@pytest.mark.parametrize("dies_in", ["take", "resolve", "insert", "release"])
@pytest.mark.parametrize("after", [False, True])
def test_a_loader_that_dies_anywhere_links_and_loads_once_when_it_is_started_again(
    place: Place, dies_in: str, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    part: Any = {"resolve": place.linking, "insert": place.events}.get(dies_in, place.journal)
    whole = getattr(part, dies_in)

    def dies(*arguments: Any) -> None:
        if after:
            whole(*arguments)
        raise _KilledError

    monkeypatch.setattr(part, dies_in, dies)
    with pytest.raises(_KilledError):
        place.load()
    monkeypatch.undo()
    place.load()
    assert place.linked_to("v") == "a"
    assert place.events.ask(f"SELECT count() FROM {DATABASE}.pageviews") == [(1,)]
    assert place.journal.length() == 0


def test_a_batch_that_is_linked_again_keeps_newer_links(place: Place) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    batch = place.journal.take(10)
    assert batch is not None
    list(rows_of(batch, place.linking))  # and dies
    place.identify(BEN, visitor_id="v")
    place.load()
    assert place.linked_to("v") == "b"
    place.forget(BEN)
    list(rows_of(batch, place.linking))
    assert place.linked_to("v") == "a"
    place.forget(ANN)
    list(rows_of(batch, place.linking))
    assert place.user(visitor_id="v") is None


def test_while_the_directory_cannot_be_written_pageviews_wait_in_the_journal(place: Place) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    other = sqlite3.connect(place.folder / "directory.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DBAPIError):
        place.loader().load_batch()
    place.beacon(visitor_id="w", sha256=sha256(ANN))  # is accepted all the same
    other.execute("ROLLBACK")
    other.close()
    place.load()
    assert (place.linked_to("v"), place.linked_to("w"), place.journal.length()) == ("a", "a", 0)


async def test_a_loader_says_that_it_waits_for_the_directory(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    other = sqlite3.connect(place.folder / "directory.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    loader = place.loader()
    pauses: list[float] = []

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            other.execute("ROLLBACK")
            loader.stop()

    monkeypatch.setattr(loader, "_pause", noted)
    with structlog.testing.capture_logs() as said:
        await loader.run()
    other.close()
    assert pauses == [1, 2]
    assert [entry["event"] for entry in said] == [
        "pageviews wait in the journal: the directory cannot be written",
        "pageviews are loaded from the journal again",
    ]
    assert place.linked_to("v") == "a"


def test_while_the_event_store_is_unreachable_nobody_is_linked(place: Place) -> None:
    def away() -> Events:
        raise EventsUnavailable("connection refused")

    place.beacon(visitor_id="v", sha256=sha256(ANN))
    with pytest.raises(EventsUnavailable):
        place.loader(away).load_batch()
    assert place.linked_to("v") is None
    place.load()
    assert place.linked_to("v") == "a"


def test_without_anybody_to_find_out_the_directory_is_not_asked(place: Place) -> None:
    place.beacon()
    place.beacon(title='{"known_by":["x"]}', properties={"known_by": [1]})
    place.api(visitor_id="w", sha256=sha256(ANN))
    place.directory.close()
    place.linking = NO_LINKS
    place.load()
    assert place.journal.length() == 0


def test_a_row_of_the_journal_holds_no_identifier_that_can_be_read(place: Place) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN), external_id="c-ann")
    batch = place.journal.take(10)
    assert batch is not None
    (payload,) = batch.payloads
    assert b'"known_by":[' in payload
    assert not any(who in payload for who in (sha256(ANN).encode(), b"c-ann", b"ann@"))
    (row,) = rows_of(batch, place.linking)
    assert b"known_by" not in row
