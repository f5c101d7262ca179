"""Who consents on a page has been on that page: its pageview is hers, and no other visitor's."""

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from heropixel.directory import Directory
from heropixel.directory.registry import Pixel
from heropixel.events import DATABASE, Events
from heropixel.identity.identifiers import Index
from heropixel.identity.resolve import Resolver
from heropixel.journal import Journal, open_journal
from heropixel.recording.linking import Linking
from heropixel.recording.loader import Loader, load
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.replacing import Replacing
from heropixel.recording.rows import rows_of
from heropixel.recording.writing import Submission, write
from tests.recording.no_links import NO_LINKS
from tests.world import new_directory

pytestmark = pytest.mark.usefixtures("empty_events")

NOW = 1_800_000_000_000
MINUTE = 60_000
DAILY, HERS = "daily:" + "a" * 32, "hp1." + "b" * 32


def entry(event_id: str, at: int, visitor: str = DAILY, **more: Any) -> bytes:
    """A pageview as a browser endpoint has recorded it."""
    row = {"app": 1, "pixel_id": 1, "timestamp": str(at), "received": str(at), "event_id": f"beacon:{event_id}"}
    row |= {"domain": "example.com", "resolution": "NOT_KNOWN", "visitor_id": visitor}
    return json.dumps(row | more, separators=(",", ":")).encode() + b"\n"


def again(event_id: str, at: int, replaces: str, **more: Any) -> bytes:
    """The same page, sent again after consent."""
    return entry(event_id, at, HERS, replaces=f"beacon:{replaces}", consent="given", **more)


def append(journal: Journal, *lines: bytes) -> None:
    journal.append(b"".join(lines), {}, NOW)


def told(events: Events) -> list[tuple[str, str, int]]:
    """Event id, visitor and minute of every pageview."""
    question = f"SELECT event_id, visitor_id, toUnixTimestamp64Milli(timestamp) FROM {DATABASE}.pageviews ORDER BY ALL"
    return [(name.removeprefix("beacon:"), who, (at - NOW) // MINUTE) for name, who, at in events.ask(question)]


def load_all(journal: Journal, events: Events, linking: Linking = NO_LINKS) -> None:
    Loader(journal, linking, lambda: events, lambda: NOW).load_all()


@pytest.mark.parametrize("loaded_before", [True, False])
def test_the_landing_page_of_who_consents_there_is_hers_at_its_own_time(
    events: Events, journals: tuple[Journal, Journal], *, loaded_before: bool
) -> None:
    appending, loading = journals
    append(appending, entry("0", NOW - 5 * MINUTE), entry("1", NOW))
    if loaded_before:
        load_all(loading, events)
    append(appending, again("2", NOW + 3 * MINUTE, "1"))
    load_all(loading, events)
    assert told(events) == [("0", DAILY, -5), ("2", HERS, 0)], "nothing of an earlier page is joined"


@pytest.mark.parametrize(
    "other",
    [
        {"pixel_id": 2},
        {"visitor_id": "hp1." + "c" * 32},
        {"user_id": 7},
        {"timestamp": str(NOW - 1441 * MINUTE)},
        {"consent": "refused"},
    ],
    ids=["of another pixel", "of a visitor", "of a user", "of yesterday", "refused"],
)
def test_nothing_but_an_anonymous_pageview_of_this_pixel_is_replaced(
    events: Events, journals: tuple[Journal, Journal], other: dict[str, Any]
) -> None:
    appending, loading = journals
    append(appending, entry("1", NOW, **other))
    load_all(loading, events)
    append(appending, again("2", NOW, "1"), again("3", NOW, "never came"))
    load_all(loading, events)
    assert {name for name, _, _ in told(events)} == {"1", "2", "3"}


@pytest.mark.parametrize("inserted", [True, False])
def test_a_loader_that_dies_in_between_counts_the_page_once(
    events: Events, journals: tuple[Journal, Journal], *, inserted: bool
) -> None:
    appending, loading = journals
    append(appending, entry("1", NOW))
    load_all(loading, events)
    append(appending, again("2", NOW + MINUTE, "1"))
    batch = loading.take(1000)
    assert batch is not None
    replacing = Replacing.of(batch, events)
    replacing.remove(events)
    if inserted:
        load(batch, [*rows_of(batch, NO_LINKS, replacing=replacing)], events)
    load_all(loading, events)  # after it has died
    assert [(name, who) for name, who, _ in told(events)] == [("2", HERS)]


def test_a_text_that_looks_like_it_replaces_nothing(events: Events, journals: tuple[Journal, Journal]) -> None:
    appending, loading = journals
    append(appending, entry("1", NOW), entry("2", NOW, title='{"replaces":"beacon:1"}', url=secrets.token_hex(4)))
    load_all(loading, events)
    assert [name for name, _, _ in told(events)] == ["1", "2"]


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = new_directory(tmp_path)
    yield directory
    directory.close()


@pytest.fixture
def resolver(directory: Directory) -> Resolver:
    return Resolver(directory, Index(b"k" * 32))


def beacon(
    event_id: str, visitor: str = DAILY, replaces: str = "", pixel: int = 1, consent: bool | None = None
) -> Submission:
    """A pageview that a browser endpoint gives to the recorder."""
    own = visitor if visitor == HERS else None
    event = PageviewEvent(pixel_id=1, domain="example.com", event_id=event_id, consent=consent, visitor_id=own)
    site = Pixel(1, 1, frozenset({"example.com"}), frozenset())
    pageview = Pageview.parse(event, site, NOW, from_browser=True, anonymous_visitor=DAILY)
    if replaces:
        pageview.row.replaces = f"beacon:{replaces}"
    pageview.row.pixel_id = pixel
    return Submission.of(pageview, live=not replaces)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("loaded_before", [True, False])
def test_a_pageview_that_arrives_after_the_consent_on_its_page_is_not_counted_beside_it(
    events: Events,
    journals: tuple[Journal, Journal],
    directory: Directory,
    resolver: Resolver,
    *,
    together: bool,
    loaded_before: bool,
) -> None:
    appending, loading = journals
    overtaking, late = beacon("2" * 32, HERS, "1" * 32, consent=True), beacon("1" * 32)
    if together:
        write([overtaking, late], resolver, appending, NOW)
    else:
        write([overtaking], resolver, appending, NOW)
        if loaded_before:
            load_all(loading, events, Linking(directory, lambda: NOW))
        (answer,) = write([late], resolver, appending, NOW)
        assert answer.resolution.repeated
    load_all(loading, events, Linking(directory, lambda: NOW))
    assert [(name, who) for name, who, _ in told(events)] == [("2" * 32, HERS)]


@pytest.mark.process
def test_a_pageview_of_another_node_is_replaced_though_it_is_loaded_later(
    events: Events, directory: Directory, resolver: Resolver, postgres_url: str
) -> None:
    with (
        closing(open_journal(postgres_url, "one")) as one,
        closing(open_journal(postgres_url, "other")) as other,
    ):
        write([beacon("1" * 32), beacon("3" * 32)], resolver, one, NOW)
        write([beacon("2" * 32, HERS, "1" * 32, consent=True)], resolver, other, NOW)
        linking = Linking(directory, lambda: NOW)
        first, second = (Loader(journal, linking, lambda: events, lambda: NOW) for journal in (other, one))
        for loader in (first, second, first):
            loader.load_batch()
    assert [(name[0], who) for name, who, _ in told(events)] == [("2", HERS), ("3", DAILY)]


@pytest.mark.process
def test_a_pageview_of_another_node_is_replaced_though_the_loader_that_had_to_look_again_is_gone(
    events: Events, directory: Directory, resolver: Resolver, postgres_url: str
) -> None:
    linking = Linking(directory, lambda: NOW)
    with closing(open_journal(postgres_url, "one")) as one:
        write([beacon("1" * 32), beacon("3" * 32)], resolver, one, NOW)
        with closing(open_journal(postgres_url, "gone")) as gone:
            write([beacon("2" * 32, HERS, "1" * 32, consent=True)], resolver, gone, NOW)
            Loader(gone, linking, lambda: events, lambda: NOW).load_batch()
        Loader(one, linking, lambda: events, lambda: NOW).load_batch()
        assert not one.later()
    assert [(name[0], who) for name, who, _ in told(events)] == [("2", HERS), ("3", DAILY)]


def test_a_pageview_of_another_pixel_with_the_same_id_is_recorded(
    events: Events, journals: tuple[Journal, Journal], directory: Directory, resolver: Resolver
) -> None:
    appending, loading = journals
    write([beacon("2" * 32, HERS, "1" * 32, consent=True)], resolver, appending, NOW)
    write([beacon("1" * 32, pixel=2)], resolver, appending, NOW)
    load_all(loading, events, Linking(directory, lambda: NOW))
    assert {name[0] for name, _, _ in told(events)} == {"1", "2"}
