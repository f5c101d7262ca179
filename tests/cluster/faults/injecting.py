"""The faults. Each lasts some seconds under load, and is healed when its function returns."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.clickhouse.server import CUT, LOST_AFTER, LOST_BEFORE, SLOW, UNAVAILABLE
from tests.cluster.faults.load import Load
from tests.cluster.faults.stand import Stand, until
from tests.crash.test_parts import part
from tests.postgres.server import PostgresServer, somebody

LEASE = 10.0  # seconds, as the journal has it
BOUNDED = 20.0  # seconds: a request waits 10 for the writer, and callers of this machine for its processors

Fault = Callable[[Stand, Load, random.Random], None]


def kill_a_writer(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of a node's writer while a group commits"""
    _kill_part(stand, chance, "writer")


def kill_a_door(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of a node's door"""
    _kill_part(stand, chance, "door-1")


def kill_an_engine(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of a node's engine"""
    _kill_part(stand, chance, "engine")


def _kill_part(stand: Stand, chance: random.Random, name: str) -> None:
    node = stand.nodes[chance.randrange(3)]
    until(lambda: part(node, name), name)
    _in_append(stand)
    os.kill(part(node, name), signal.SIGKILL)


def _in_append(stand: Stand) -> None:
    """Wait for a group that commits; not for ever."""
    with suppress(psycopg.Error), stand.databases.server.connect() as connection:
        give_up = time.monotonic() + 1
        while time.monotonic() < give_up:
            if connection.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'").fetchone():
                return


def kill_a_node(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of a node while a group commits; it starts again"""
    number = chance.randrange(3)
    _in_append(stand)
    _kill_node(stand, number)
    time.sleep(chance.choice([0, 0, LEASE + 2]))  # or another node adopts what it has left
    stand.start_again(number)


def _kill_node(stand: Stand, number: int) -> None:
    stand.nodes[number].process.kill()
    stand.nodes[number].process.wait()


def kill_the_primary_in_commit(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of the primary between its commit and a standby's answer; a standby is promoted"""
    _pause_standbys(stand)
    with suppress(AssertionError):
        until(stand.databases.commits_wait, "a commit that waits", 5)
    time.sleep(chance.uniform(0, 0.5))
    stand.databases.server.stop(signal.SIGQUIT)
    _resume_standbys(stand)
    time.sleep(0.5)
    stand.databases.promote()
    stand.databases.wait_for_standbys()


def kill_the_primary(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of the primary under load; a standby is promoted"""
    stand.databases.server.stop(signal.SIGQUIT)
    time.sleep(0.5)  # what the standbys have received, they keep
    stand.databases.promote()
    stand.databases.wait_for_standbys()


def restart_the_primary_in_commit(stand: Stand, load: Load, chance: random.Random) -> None:
    """power cut of the primary with commits that no standby has; it starts again, without standbys for 2 s"""
    _pause_standbys(stand)
    paused = time.monotonic()
    with suppress(AssertionError):
        until(stand.databases.commits_wait, "a commit that waits", 5)
    stand.databases.server.stop(signal.SIGQUIT)
    stand.databases.server.start()
    time.sleep(2)
    _nothing_is_recorded(load, paused, time.monotonic())
    _resume_standbys(stand)
    stand.databases.wait_for_standbys()


def pause_one_standby(stand: Stand, load: Load, chance: random.Random) -> None:
    """SIGSTOP of one standby for 3 s: pageviews go on"""
    standby = chance.choice(stand.databases.standbys)
    standby.pause()
    paused = time.monotonic()
    time.sleep(3)
    recorded = load.ledger.recorded_between(paused, time.monotonic())
    standby.resume()
    assert len(recorded) > 3, "one standby is enough"


def pause_both_standbys(stand: Stand, load: Load, chance: random.Random) -> None:
    """SIGSTOP of both standbys: 503 in bounded time, no 200; then it goes on"""
    _pause_standbys(stand)
    paused = time.monotonic()
    time.sleep(chance.choice([2.0, 4.0, 13.0]))
    _nothing_is_recorded(load, paused, time.monotonic())
    _resume_standbys(stand)
    slow = [answer for answer in load.ledger.answers if answer.sent > paused and answer.came - answer.sent > BOUNDED]
    assert not slow, f"an answer took {slow[0].came - slow[0].sent} s"


def _nothing_is_recorded(load: Load, since: float, until_then: float) -> None:
    false = load.ledger.recorded_between(since, until_then)
    assert not false, f"{len(false)} were answered 200 that no standby has: {false[0]}"


def _pause_standbys(stand: Stand) -> None:
    for standby in stand.databases.standbys:
        standby.pause()


def _resume_standbys(stand: Stand) -> None:
    for standby in stand.databases.standbys:
        standby.resume()


def cut_the_primary_off(stand: Stand, load: Load, chance: random.Random) -> None:
    """the network to PostgreSQL forwards nothing, for all nodes"""
    for proxy in stand.proxies():
        proxy.hold()
    time.sleep(chance.choice([2.0, 5.0, LEASE + 3]))
    _heal(stand)


def cut_a_node_off(stand: Stand, load: Load, chance: random.Random) -> None:
    """the network between one node and PostgreSQL forwards nothing, until its lease has ended; others go on"""
    number = chance.randrange(3)
    for proxy in stand.proxies(number):
        proxy.hold()
    with _others_go_on(load, number):
        time.sleep(LEASE + chance.uniform(0.5, 4))
    _heal(stand)


def reset_connections(stand: Stand, load: Load, chance: random.Random) -> None:
    """the network resets connections to PostgreSQL again and again, for 3 s"""
    for _ in range(10):
        for proxy in stand.proxies(chance.choice([0, 1, 2, None])):
            proxy.reset()
        time.sleep(0.3)


def refuse_connections(stand: Stand, load: Load, chance: random.Random) -> None:
    """the network refuses PostgreSQL's port for 4 s"""
    for proxy in stand.proxies():
        proxy.cut()
    time.sleep(4)
    _heal(stand)


def delay_packets(stand: Stand, load: Load, chance: random.Random) -> None:
    """the network to PostgreSQL takes 50 to 200 ms longer, for 4 s"""
    for proxy in stand.proxies():
        proxy.delay(chance.uniform(0.05, 0.2))
    time.sleep(4)
    _heal(stand)


def _heal(stand: Stand) -> None:
    for proxy in [*stand.proxies(), *stand.to_events]:
        proxy.heal()


def stop_a_node_beyond_its_lease(stand: Stand, load: Load, chance: random.Random) -> None:
    """SIGSTOP of a node beyond its lease: another adopts its sub-journal, then SIGCONT: two claim it"""
    number = chance.randrange(3)
    _stop_beyond_lease(load, chance, number, stand.nodes[number].pids())


def stop_a_writer_beyond_its_lease(stand: Stand, load: Load, chance: random.Random) -> None:
    """SIGSTOP of a writer in mid-append, or at any moment, beyond its lease, then SIGCONT"""
    number = chance.randrange(3)
    node = stand.nodes[number]
    until(lambda: part(node, "writer"), "writer")
    if chance.random() < 0.5:
        _in_append(stand)
    _stop_beyond_lease(load, chance, number, [part(node, "writer")])


def stop_an_engine(stand: Stand, load: Load, chance: random.Random) -> None:
    """SIGSTOP of an engine while it loads, beyond the lease, then SIGCONT"""
    number = chance.randrange(3)
    node = stand.nodes[number]
    until(lambda: part(node, "engine"), "engine")
    _stop_beyond_lease(load, chance, number, [part(node, "engine")])


def _stop_beyond_lease(load: Load, chance: random.Random, number: int, pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    with _others_go_on(load, number):
        time.sleep(LEASE + chance.uniform(0.5, 4))
    for pid in pids:
        with suppress(ProcessLookupError):  # its parent may have killed it
            os.kill(pid, signal.SIGCONT)


@contextmanager
def _others_go_on(load: Load, number: int) -> Iterator[None]:
    began = time.monotonic()
    yield
    recorded = Counter(answer.node for answer in load.ledger.recorded_between(began, time.monotonic()))
    for other in {0, 1, 2} - {number}:
        assert recorded[other] > 3, f"node {other} has to go on without node {number}: {recorded}"


def set_a_clock_wrong(stand: Stand, load: Load, chance: random.Random) -> None:
    """a node comes back with a clock that is five minutes ahead or behind"""
    number = chance.randrange(3)
    _kill_node(stand, number)
    stand.clocks[number] = chance.choice([-300, 300])
    stand.start_again(number)


def restart_in_turn(stand: Stand, load: Load, chance: random.Random) -> None:
    """a rolling restart"""
    for number in chance.sample(range(3), 3):
        assert stand.nodes[number].stop() == 0
        stand.start_again(number)


def take_the_event_store_away(stand: Stand, load: Load, chance: random.Random) -> None:
    """the event store is away"""
    for proxy in stand.to_events:
        proxy.cut()
    away = time.monotonic()
    time.sleep(chance.choice([3.0, 6.0, 20.0]))
    recorded = load.ledger.recorded_between(away, time.monotonic())
    _heal(stand)
    assert len(recorded) > 3, "pageviews need no event store"


def kill_the_event_store(stand: Stand, load: Load, chance: random.Random) -> None:
    """kill -9 of the event store; it starts again on its folder"""
    stand.clickhouse.stop()
    time.sleep(chance.uniform(0, 2))
    stand.clickhouse.start()


def lose_replies_of_the_event_store(stand: Stand, load: Load, chance: random.Random) -> None:
    """inserts into the event store fail: lost before, lost after, cut, late, 503"""
    for kind in chance.sample([LOST_BEFORE, LOST_AFTER, CUT, SLOW, UNAVAILABLE], 3):
        stand.clickhouse.fail(kind, "INSERT", times=3)
        time.sleep(1.5)


def fill_the_disk(stand: Stand, load: Load, chance: random.Random) -> None:
    """the primary's files cannot grow, as on a full disk"""
    database = stand.databases.server
    assert database.process is not None
    _limit_files(database, "8192")
    time.sleep(3)
    if database.process.poll() is None:
        _limit_files(database, "unlimited")
    time.sleep(0.5)
    if database.process.poll() is not None:  # it could not write its log, and gave up
        database.start()
    stand.databases.wait_for_standbys()


def _limit_files(database: PostgresServer, size: str) -> None:
    for pid in database.pids():  # by its own user: another one may not
        subprocess.run(
            ["prlimit", "--pid", str(pid), f"--fsize={size}:"], check=False, capture_output=True, **somebody()
        )


FAULTS: tuple[Fault, ...] = (
    kill_a_writer,
    kill_the_primary_in_commit,
    pause_both_standbys,
    stop_a_node_beyond_its_lease,
    lose_replies_of_the_event_store,
    kill_a_node,
    reset_connections,
    restart_the_primary_in_commit,
    set_a_clock_wrong,
    take_the_event_store_away,
    stop_a_writer_beyond_its_lease,
    pause_one_standby,
    kill_an_engine,
    cut_the_primary_off,
    fill_the_disk,
    restart_in_turn,
    kill_the_event_store,
    kill_a_door,
    cut_a_node_off,
    kill_the_primary,
    delay_packets,
    stop_an_engine,
    refuse_connections,
)
