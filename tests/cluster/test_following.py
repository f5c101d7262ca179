"""A node with subscribers reads what the others append: each entry once, and in order."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing

import psycopg
import pytest

from heropixel.errors import JournalUnavailable
from heropixel.journal import Journal, open_journal
from heropixel.journal.postgres_following import OtherNodes
from heropixel.recording.other_nodes import head_of
from tests.postgres.clocks import ClockedDatabase
from tests.postgres.server import end_clients

Node = Callable[[str], Journal]


@pytest.fixture
def node(postgres_url: str) -> Iterator[Node]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(closing(open_journal(postgres_url, name)))


@pytest.fixture
def others(postgres_url: str, node: Node) -> Iterator[OtherNodes]:
    node("one").append(b"before\n", {}, 0)
    with closing(OtherNodes(postgres_url, "one")) as others:
        yield others


def test_each_entry_of_the_others_is_read_once_in_order_and_none_of_its_own(node: Node, others: OtherNodes) -> None:
    one, two = node("one"), node("two")
    two.append(b"earlier\n", {}, 0)
    assert others.read() == [], "what was there before is not heard"
    for number in range(3):
        two.append(b"%d\n%d.5\n" % (number, number), {}, 0)
        one.append(b"own\n", {}, 0)
    assert others.read() == [b"0", b"0.5", b"1", b"1.5", b"2", b"2.5"]
    assert others.read() == []
    two.append(b"3\n", {}, 0)
    assert others.read() == [b"3"]


def test_a_node_that_begins_later_is_heard_from_its_first_entry_on(node: Node, others: OtherNodes) -> None:
    others.read()
    node("late").append(b"first\n", {}, 0)
    assert others.read() == [b"first"]


def test_groups_of_several_nodes_come_by_their_time(clocked_database: Callable[[], ClockedDatabase]) -> None:
    database = clocked_database()
    with ExitStack() as stack:
        one, two, three = (stack.enter_context(closing(open_journal(database.url, name))) for name in ("1", "2", "3"))
        others = stack.enter_context(closing(OtherNodes(database.url, "1")))
        one.append(b"before\n", {}, 0)
        others.read()
        now = time.time_ns() // 1_000_000
        for number in range(6):
            database.set_clock(now + number)  # within a millisecond nothing says which was first
            (three, two)[number % 2].append(b"%d\n" % number, {}, 0)
        assert others.read() == [b"%d" % number for number in range(6)]


def test_after_a_rest_it_begins_anew(node: Node, others: OtherNodes) -> None:
    two = node("two")
    others.read()
    others.rest()
    two.append(b"nobody listened\n", {}, 0)
    assert others.read() == []
    two.append(b"heard\n", {}, 0)
    assert others.read() == [b"heard"]


def test_it_is_closed_when_no_thread_reads_any_more_and_none_begins_to(others: OtherNodes, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as lock, ThreadPoolExecutor(2) as threads:
        lock.execute("LOCK TABLE journals")
        reading = threads.submit(others.read)
        waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'journals'::regclass"
        while not lock.execute(waits).fetchone():
            time.sleep(0.01)
        closing_it = threads.submit(others.close)
        assert not wait([closing_it], timeout=0.2).done
        lock.rollback()
        assert (reading.result(), closing_it.result()) == ([], None)
    assert others.read() == []


def test_while_the_database_is_away_nothing_is_lost(node: Node, others: OtherNodes, postgres_url: str) -> None:
    others.read()
    two = node("two")
    two.append(b"1\n", {}, 0)
    end_clients(postgres_url)
    heard = []
    for _ in range(3):
        try:
            heard += others.read()
        except JournalUnavailable:
            continue
    assert heard == [b"1"]


@pytest.mark.parametrize(
    ("more", "is_heard"),
    [({}, True), ({"imported": 1}, False), ({"replaces": "b-1"}, False), ({"title": "x", "user_id": 7}, True)],
)
def test_subscribers_hear_of_no_past_pageview_and_of_none_that_replaces_one(
    more: dict[str, object], is_heard: bool
) -> None:
    line = json.dumps({"app": 1, "pixel_id": 2, "received": "3"} | more).encode()
    head = head_of(line)
    assert (head is not None) is is_heard
    assert head is None or (head.app, head.pixel_id, head.line) == (1, 2, line)
