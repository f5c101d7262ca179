"""What a journal promises, on every backend."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from heropixel.errors import JournalUnavailable
from heropixel.journal import MAX_BYTES, Batch, Journal, open_journal
from heropixel.troubles import FolderFromNewerVersion, UnknownStore
from tests.postgres.clocks import ClockedDatabase

NOW = 1_800_000_000_000
DAY = 86_400_000


class Place:
    """Where a journal is: opened, closed and opened again."""

    def __init__(self, url: str, clock: "Callable[[int], None]" = lambda _: None) -> None:
        self.url = url
        self.now = NOW
        self._set_clock = clock
        self._open()

    def _open(self) -> None:
        self._set_clock(self.now)
        self.appender, self.loader = open_journal(self.url, "node"), open_journal(self.url, "node")

    def reopen(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self.appender.close()
        self.loader.close()

    def at(self, now: int) -> "Place":
        """Later, or earlier. The database's clock says it, too."""
        self.now = now
        self._set_clock(now)
        return self

    def append(self, *payloads: bytes, **receipts: bytes) -> None:
        lines = b"".join(b"%b\n" % payload for payload in payloads)
        self.appender.append(lines, {key.encode(): receipt for key, receipt in receipts.items()}, self.now)

    def receipts(self, *keys: bytes) -> dict[bytes, bytes]:
        return self.appender.receipts(keys, self.now)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.process)])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Makes new places."""
    made: list[Place] = []

    def make() -> Place:
        made.append(_new_place(request, tmp_path / f"{len(made)}.sqlite3"))
        return made[-1]

    yield make
    for place in made:
        place.close()


def _new_place(request: pytest.FixtureRequest, file: Path) -> Place:
    if request.param == "sqlite":
        return Place(f"sqlite:///{file}")
    database: ClockedDatabase = request.getfixturevalue("clocked_database")()
    return Place(database.url, database.set_clock)


@pytest.fixture
def place(places: Callable[[], Place]) -> Place:
    return places()


def taken(journal: Journal, limit: int = 1000) -> Batch:
    batch = journal.take(limit)
    assert batch is not None
    return batch


def test_entries_are_taken_in_order_without_a_hole(place: Place) -> None:
    place.append(b"a", b"b")
    place.append(b"c")
    batch = taken(place.loader)
    assert batch.payloads == [b"a", b"b", b"c"]
    assert batch.last - batch.first == 2
    assert not batch.repeated


def test_a_batch_of_long_entries_is_bounded_by_their_bytes(place: Place) -> None:
    long = b"x" * (MAX_BYTES // 4)
    for _ in range(6):
        place.append(long)
    first = place.loader.take(10)
    assert first is not None
    assert len(first.payloads) == 4
    place.loader.release(first)
    rest = place.loader.take(10)
    assert rest is not None
    assert (rest.first, len(rest.payloads)) == (first.last + 1, 2)


def test_an_empty_journal_has_nothing_to_take(place: Place) -> None:
    assert place.loader.take(10) is None
    assert place.loader.length() == 0


def test_a_batch_is_about_as_large_as_asked_for(place: Place) -> None:
    for group in range(5):
        place.append(*(b"%d" % number for number in range(group * 10, group * 10 + 10)))
    assert 20 <= len(taken(place.loader, 15).payloads) <= 30


def test_until_it_is_released_the_same_batch_is_taken_whatever_is_appended(place: Place) -> None:
    place.append(b"a", b"b")
    first = taken(place.loader)
    place.append(b"c")
    assert taken(place.loader) == first._replace(repeated=True)
    place.reopen()
    place.append(b"d")
    assert taken(place.loader) == first._replace(repeated=True)


def test_what_is_released_is_gone_and_the_next_batch_follows_on_it(place: Place) -> None:
    place.append(b"a", b"b")
    first = taken(place.loader)
    place.append(b"c")
    place.loader.release(first)
    second = taken(place.loader)
    assert (second.first, second.payloads, second.repeated) == (first.last + 1, [b"c"], False)
    place.loader.release(second)
    assert place.loader.take(10) is None


def test_what_was_appended_outlives_the_process(place: Place) -> None:
    place.append(b"a")
    place.reopen()
    assert taken(place.loader).payloads == [b"a"]


def test_positions_are_never_used_twice(place: Place) -> None:
    place.append(b"a")
    first = taken(place.loader)
    place.loader.release(first)
    place.reopen()
    place.append(b"b")
    assert taken(place.loader).first > first.last


def test_positions_are_not_used_twice_even_by_a_new_journal(places: Callable[[], Place]) -> None:
    old = places()
    old.append(b"a")
    new = places()
    new.at(old.now + 1).append(b"a")
    assert taken(new.loader).first > taken(old.loader).last


def test_length_counts_entries_not_groups(place: Place) -> None:
    place.append(b"a", b"b")
    place.append(b"c")
    assert place.loader.length() == 3


def test_receipts_are_given_back_for_24_hours(place: Place) -> None:
    place.appender.append(b"a\nb\n", {b"key-a": b"receipt-a"}, NOW)
    place.reopen()
    for later, expected in ((0, {b"key-a": b"receipt-a"}), (DAY - 1, {b"key-a": b"receipt-a"}), (DAY, {})):
        assert place.at(NOW + later).receipts(b"key-a", b"key-b") == expected


def test_receipts_are_kept_though_the_entries_are_released(place: Place) -> None:
    place.append(b"a", key=b"receipt")
    place.loader.release(taken(place.loader))
    assert place.receipts(b"key") == {b"key": b"receipt"}


def test_old_receipts_are_forgotten_and_young_ones_kept(place: Place) -> None:
    place.at(NOW - 3 * DAY).appender.append(b"a\n", {b"old-%d" % n: b"r" for n in range(3000)}, NOW - 3 * DAY)
    place.at(NOW).append(b"a", young=b"r")
    place.loader.expire(NOW)
    assert place.at(NOW - 3 * DAY).receipts(b"old-7") == {}
    assert place.at(NOW).receipts(b"young") == {b"young": b"r"}


def test_a_clock_that_jumps_back_loses_no_receipt_of_the_last_day(place: Place) -> None:
    place.append(b"a", key=b"receipt")
    assert place.at(NOW - 60_000).receipts(b"key") == {b"key": b"receipt"}


def test_what_is_replaced_has_a_receipt_whether_or_not_it_was_recorded(place: Place) -> None:
    place.append(b"a", there=b"receipt")
    place.appender.append(b"b\n", {b"new": b"r"}, NOW, [b"there", b"missing", b"new"])
    assert place.receipts(b"there", b"missing", b"new").keys() == {b"there", b"missing", b"new"}
    assert taken(place.loader).payloads == [b"a", b"b"]


def test_many_entries_and_keys_go_in_at_once(place: Place) -> None:
    keys = [b"key-%d" % number for number in range(20_000)]
    place.appender.append(b"x\n" * len(keys), dict.fromkeys(keys, b"r"), NOW)
    assert len(place.appender.receipts(keys, NOW)) == len(keys)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 100, 4_095, 4_096, 4_097])
def test_entries_and_keys_of_any_number_are_kept_together(place: Place, count: int) -> None:
    keys = [b"key-%d" % number for number in range(count)]
    place.appender.append(b"a\nb\n", {key: key.upper() for key in keys}, NOW)
    place.append(b"c")
    assert taken(place.loader).payloads == [b"a", b"b", b"c"]
    assert place.appender.receipts([*keys, b"another"], NOW) == {key: key.upper() for key in keys}


def test_what_cannot_be_kept_is_kept_not_even_in_part(place: Place) -> None:
    place.append(b"before")
    with full_disk(place), pytest.raises(JournalUnavailable):
        place.appender.append(os.urandom(100_000).hex().encode() + b"\n", {b"key": b"r"}, NOW)
    assert place.appender.receipts([b"key"], NOW) == {}
    place.append(b"after")
    assert taken(place.loader).payloads == [b"before", b"after"]


@contextmanager
def full_disk(place: Place) -> Iterator[None]:
    """While it lasts, what is long cannot be stored. On PostgreSQL the last table that is written refuses it."""
    if place.url.startswith("sqlite"):
        connection = place.appender._connection  # type: ignore[attr-defined]  # the limit is that of a connection
        assert connection.execute("PRAGMA max_page_count = 8").fetchone()
        yield
        connection.execute("PRAGMA max_page_count = 100000")
        return
    with psycopg.connect(place.url, autocommit=True) as other:
        other.execute("ALTER TABLE receipts ADD CONSTRAINT is_full CHECK (false) NOT VALID")
        yield
        other.execute("ALTER TABLE receipts DROP CONSTRAINT is_full")


def test_the_log_of_changes_does_not_grow_while_nothing_can_be_released(tmp_path: Path) -> None:
    place = Place(f"sqlite:///{tmp_path / 'journal.sqlite3'}")
    log = tmp_path / "journal.sqlite3-wal"
    for _ in range(20):
        place.append(os.urandom(100_000))
        place.loader.take(10)
    assert log.stat().st_size < 500_000
    place.close()


def test_a_journal_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    Place(f"sqlite:///{file}").close()
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(FolderFromNewerVersion):
        open_journal(f"sqlite:///{file}")


def test_a_kind_of_journal_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownStore, match="kafka://host"):
        open_journal("kafka://host")


def test_the_end_is_the_position_of_the_next_entry_and_all_below_what_is_loaded_was_released(place: Place) -> None:
    place.append(b"before")
    place.loader.release(taken(place.loader))
    ((journal, start),) = place.appender.end().items()
    assert place.loader.loaded() == {journal: start}, "nothing waits"
    place.append(b"a", b"b")
    place.append(b"c")
    assert (place.appender.end(), place.loader.loaded()) == ({journal: start + 3}, {journal: start})
    place.loader.release(taken(place.loader, 2))
    assert place.loader.loaded() == {journal: start + 2}
    place.reopen()
    place.loader.release(taken(place.loader))
    assert place.loader.loaded() == place.loader.end() == {journal: start + 3}


def test_a_group_that_fails_has_appended_nothing(place: Place) -> None:
    def fail() -> None:
        place.append(b"a", key=b"r")
        raise ZeroDivisionError

    if place.url.startswith("sqlite"):
        pytest.skip("there is no such transaction: the append is the last thing that a group does")
    with pytest.raises(ZeroDivisionError):
        place.appender.together(fail)
    assert (place.loader.length(), place.receipts(b"key")) == (0, {})
    place.append(b"b")
    assert taken(place.loader).payloads == [b"b"]
