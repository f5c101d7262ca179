"""The loader links the visitors of pageviews from browsers: after the answer, and before the rows are loaded."""

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from sqlalchemy.exc import DBAPIError

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.erasures import waiting_erasures
from heropixel.directory.merges import merges_of, unmerge
from heropixel.directory.pixels import create_pixel
from heropixel.directory.registry import Registry
from heropixel.errors import EventsUnavailable
from heropixel.events import DATABASE, Events
from heropixel.events.people import activity
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person, UserSelector
from heropixel.identity.resolve import Lookup, Resolution, Resolver
from heropixel.identity.suppress import ContactInput, suppress_many, unsuppress_many
from heropixel.journal import open_journal
from heropixel.recording.linking import Linking
from heropixel.recording.live import Live
from heropixel.recording.loader import Loader
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.recorder import Recorder, write
from heropixel.recording.rows import rows_of
from heropixel.upkeep.erasing import erase, write_links
from tests.recording.no_links import NO_LINKS

pytestmark = pytest.mark.usefixtures("empty_events")

INDEX = Index(b"k" * 32)
START = 1_800_000_000_000
ANN, BEN = "ann@example.com", "ben@example.com"


class Place:
    """The stores of a server. Its clock advances by a second with each step."""

    def __init__(self, folder: Path, events: Events) -> None:
        self.folder = folder
        self.events = events
        self.now = START
        self.directory = open_directory(f"sqlite:///{folder / 'directory.sqlite3'}")
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)
            create_pixel(connection, self.app, "one", ["example.com"], now=1)
        self.pixel = Registry(self.directory).pixels[1]
        self.resolver = Resolver(self.directory, INDEX)
        self.appender, self.journal = open_journal(f"sqlite:///{folder / 'journal.sqlite3'}")
        self.linking = Linking(self.directory.another(0.1), lambda: self.now)

    def close(self) -> None:
        for part in (self.directory, self.linking._directory, self.appender, self.journal):
            part.close()

    def api(self, **event: Any) -> None:
        self.record(from_browser=False, **event)

    def beacon(self, **event: Any) -> None:
        self.record(from_browser=True, **event)

    def record(self, *, from_browser: bool, **event: Any) -> None:
        self.now += 1000
        given = PageviewEvent(**{"pixel_id": 1, "domain": "example.com", **event})
        write(
            [Pageview.parse(given, self.pixel, self.now, from_browser=from_browser)],
            self.resolver,
            self.appender,
            self.now,
        )

    def identify(self, *emails: str, **claims: str) -> None:
        self.now += 1000
        first, *further = emails
        person = Person(Claims.parse(email=first, **claims), {}, tuple(further))
        identify_many(self.directory, ToIdentify.of(self.app, [person], INDEX, MergeOrigin.API, self.now))

    def suppress(self, email: str) -> None:
        with self.directory.writing() as connection:
            suppress_many(connection, self.app, INDEX, [ContactInput(email=email).contact("staff")], self.now)

    def unsuppress(self, email: str) -> None:
        with self.directory.writing() as connection:
            unsuppress_many(connection, self.app, INDEX, [ContactInput(email=email).contact()], self.now)

    def forget(self, email: str) -> None:
        with self.directory.writing() as connection:
            forget(connection, INDEX, ErasureRequest(self.app, UserSelector(email=email), False, "API", self.now))

    def unmerge(self, email: str) -> None:
        with self.directory.writing() as connection:
            (merge,) = merges_of(connection, self.user(email=email) or 0)
            unmerge(connection, merge.id, self.now)

    def loader(self, open_events: Callable[[], Events] | None = None) -> Loader:
        return Loader(self.journal, self.linking, open_events or (lambda: self.events), lambda: self.now)

    def load(self) -> None:
        self.loader().load_all()

    def user(self, **claims: str) -> int | None:
        """The id of the user of this identifier."""
        (answer,) = self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], self.now)
        return answer.user.id if answer.user else None

    def linked_to(self, visitor: str) -> str | None:
        """The first letter of the user that a visitor is linked to."""
        return {self.user(email=ANN): "a", self.user(email=BEN): "b", None: None}.get(self.user(visitor_id=visitor))


@pytest.fixture
def place(tmp_path: Path, events: Events) -> Iterator[Place]:
    place = Place(tmp_path, events)
    place.identify(ANN)
    place.identify(BEN)
    yield place
    place.close()


def sha256(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def test_a_visitor_is_linked_when_the_pageview_is_loaded_and_not_before_the_answer(place: Place) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    assert place.linked_to("v") is None
    place.load()
    assert place.linked_to("v") == "a"
    place.api(visitor_id="w", sha256=sha256(BEN))
    assert place.linked_to("w") == "b", "a pageview of the API is linked before its answer"


def test_earlier_anonymous_pageviews_of_the_visitor_count_as_the_users(place: Place) -> None:
    place.beacon(visitor_id="v")
    place.beacon(visitor_id="v")
    place.beacon(visitor_id="another")
    place.load()
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    place.beacon(visitor_id="v")
    place.load()
    ann = place.user(email=ANN) or 0
    assert activity(place.events, place.app, {ann: [ann]})[ann].pageviews == 4
    rows = place.events.ask(f"SELECT user_id, matched_on FROM {DATABASE}.pageviews ORDER BY received")
    assert [tuple(row) for row in rows] == [(0, ""), (0, ""), (0, ""), (ann, "SHA256"), (ann, "VISITOR_ID")]


@pytest.mark.parametrize(
    ("visitor", "who"),
    [
        ("v", {}),
        ("v", {"sha256": sha256("nobody@example.com")}),
        ("v", {"sha256": sha256(ANN), "consent": False}),
        ("v", {"sha256": sha256(ANN), "user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}),
        ("", {"sha256": sha256(ANN)}),
        ("daily:" + "a" * 32, {"sha256": sha256(ANN)}),
    ],
)
def test_nobody_is_linked_without_a_user_or_without_a_visitor(place: Place, visitor: str, who: dict[str, Any]) -> None:
    place.beacon(visitor_id=visitor, **who)
    place.load()
    assert place.linked_to("v") is None
    assert place.events.ask(f"SELECT visitor_id FROM {DATABASE}.links") == []


@pytest.mark.parametrize(
    ("meanwhile", "whose"),
    [
        (lambda _: None, "a"),
        (lambda place: place.forget(ANN), None),
        (lambda place: place.suppress(ANN), None),
        (lambda place: [place.suppress(ANN), place.unsuppress(ANN)], "a"),
        (lambda place: [place.identify(ANN, BEN), place.suppress(BEN)], None),
        (lambda place: [place.forget(ANN), place.identify(ANN)], None),  # that was before
    ],
)
def test_a_user_erased_or_suppressed_before_loading_is_not_linked(
    place: Place, meanwhile: Callable[[Place], object], whose: str | None
) -> None:
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    meanwhile(place)
    place.load()
    assert place.linked_to("v") == whose


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    "hers",
    [
        [{"visitor_id": "v", "sha256": sha256(ANN)}],
        [{"sha256": sha256(ANN)}],
        [{"visitor_id": "v"}, {"visitor_id": "v", "sha256": sha256(ANN)}, {"visitor_id": "v"}],
    ],
)
def test_pageviews_waiting_during_an_erasure_are_erased_too_and_stay_so(
    place: Place, hers: list[dict[str, Any]], *, again: bool
) -> None:
    for event in hers:
        place.beacon(url="https://example.com/hers", **event)
    place.beacon(visitor_id="w", sha256=sha256(BEN), url="https://example.com/bens")
    place.forget(ANN)
    if again:
        place.identify(ANN)
    waiting = waiting_erasures(place.directory.connection)
    place.load()
    erase(place.directory, place.events, waiting, lambda: place.now)
    place.beacon(visitor_id="v", url="https://example.com/since")
    place.load()
    rows = place.events.ask(f"SELECT visitor_id, url, user_id > 0 FROM {DATABASE}.pageviews ORDER BY received")
    assert [tuple(row) for row in rows] == [
        *[("", "", 0)] * len(hers),
        ("w", "https://example.com/bens", 1),
        ("v", "https://example.com/since", 0),
    ]
    assert place.directory.connection.exec_driver_sql("SELECT 1 FROM erasures WHERE known_by IS NOT NULL").all() == []
    place.identify(ANN, visitor_id="v")
    write_links(place.directory, place.events)
    ann = place.user(email=ANN) or 0
    assert activity(place.events, place.app, {ann: [ann]})[ann].pageviews == 1


@pytest.mark.parametrize("email", [ANN, BEN])
def test_a_link_to_a_merged_user_is_the_survivors_and_after_an_unmerge_the_users_own(place: Place, email: str) -> None:
    place.beacon(visitor_id="v", sha256=sha256(email))
    place.identify(ANN, BEN)
    place.load()
    assert place.user(visitor_id="v") == place.user(email=ANN) == place.user(email=BEN)
    place.unmerge(ANN)
    assert place.user(visitor_id="v") == place.user(email=email)
    assert place.user(email=ANN) != place.user(email=BEN)


Step = Callable[[Place], object]


def beacon_of(email: str) -> Step:
    return lambda place: place.beacon(visitor_id="v", sha256=sha256(email))


def api_of(email: str) -> Step:
    return lambda place: place.api(visitor_id="v", sha256=sha256(email))


def identify_of(email: str) -> Step:
    return lambda place: place.identify(email, visitor_id="v")


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize(
    ("steps", "whose"),
    [
        ([beacon_of(ANN), beacon_of(BEN)], "b"),
        ([beacon_of(ANN), beacon_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), api_of(BEN)], "b"),
        ([api_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), identify_of(BEN)], "b"),
        ([identify_of(BEN), beacon_of(ANN)], "a"),
        ([beacon_of(ANN), api_of(BEN), beacon_of(ANN)], "a"),
    ],
)
def test_the_last_user_of_a_browser_is_linked_by_api_and_browser_alike(
    place: Place, steps: list[Step], whose: str, batches: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if batches == 2:  # each pageview is a batch of its own
        monkeypatch.setattr("heropixel.recording.loader.MAX_BATCH", 1)
    for step in steps:
        step(place)
    place.load()
    assert place.linked_to("v") == whose


def test_a_visitor_linked_before_times_were_stored_is_linked_again(place: Place) -> None:
    place.identify(BEN, visitor_id="v")
    with place.directory.writing() as connection:
        connection.exec_driver_sql("UPDATE identifiers SET linked_at = NULL")
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    assert place.linked_to("v") == "a"


def test_a_visitor_of_one_app_is_linked_in_no_other(place: Place) -> None:
    with place.directory.writing() as connection:
        other = app_number(connection, create_app(connection, "Other", now=1).app_id)
    place.beacon(visitor_id="v", sha256=sha256(ANN))
    place.load()
    (answer,) = place.resolver.resolve([Lookup(other, Claims(visitor_id="v"), None)], place.now)
    assert answer.user is None


# --- bad luck ---


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


# --- live ---


class EverySubscriber(Live):
    """A subscriber to everything."""

    is_heard = True

    def __init__(self) -> None:
        super().__init__(lambda: None)
        self.received: list[tuple[str, int, str | None]] = []

    def tell(self, recorded: Iterable[tuple[Pageview, Resolution]]) -> None:
        self.received += [
            (pageview.row.event_id, resolution.via, resolution.matched_on)
            for pageview, resolution in recorded
            if pageview.row.resolution
        ]


async def test_a_subscriber_receives_the_user_after_the_answer(place: Place) -> None:
    live = EverySubscriber()
    recorder = Recorder(place.resolver, place.appender, lambda: place.now, live=live)
    ann = place.user(email=ANN) or 0
    given: list[dict[str, Any]] = [
        {"event_id": "known", "sha256": sha256(ANN), "visitor_id": "v"},
        {"event_id": "stranger", "sha256": sha256("nobody@example.com"), "visitor_id": "w"},
        {"event_id": "known", "sha256": sha256(ANN), "visitor_id": "v"},
        {"event_id": "nobody"},
    ]
    beacons = [
        Pageview.parse(PageviewEvent(1, "example.com", **event), place.pixel, place.now, from_browser=True)
        for event in given
    ]
    answers = await recorder.record(beacons)
    assert [(answer.user, answer.repeated) for answer in answers] == [
        (None, False),
        (None, False),
        (None, True),
        (None, False),
    ]
    await recorder.drain()
    async with asyncio.timeout(5):
        while len(live.received) < 3:  # noqa: ASYNC110 - nothing says when it is sent
            await asyncio.sleep(0)
    assert live.received == [("beacon:known", ann, "SHA256"), ("beacon:stranger", 0, None), ("beacon:nobody", 0, None)]
    assert place.linked_to("v") is None
