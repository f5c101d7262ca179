"""Stores that tests open in their own process."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from heropixel.events import Events
from heropixel.journal import Journal, open_journal
from tests.event_stores import new_event_store


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    """An event store for the tests of one file: the engine opens one folder a process at a time."""
    events = Events(new_event_store(tmp_path_factory.mktemp("stores")))
    yield events
    events.close()


@pytest.fixture
def empty_events(events: Events) -> Events:
    """The same without the rows of the test before."""
    for table in ("pageviews", "links"):
        events.change(f"TRUNCATE TABLE {table}")
    return events


@pytest.fixture
def journals(tmp_path: Path) -> Iterator[tuple[Journal, Journal]]:
    """The two ends of a journal: to append, and to load."""
    url = f"sqlite:///{tmp_path / 'journal.sqlite3'}"
    with closing(open_journal(url)) as appending, closing(open_journal(url)) as loading:
        yield appending, loading
