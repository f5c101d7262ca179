"""Upkeep is done by one node at a time, and by another when that one dies."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from heropixel.cluster.upkeep_lock import UpkeepLock, held_for_upkeep, upkeep_lock
from heropixel.directory import Directory, open_directory
from heropixel.errors import StoreUnavailable
from heropixel.events import Events
from heropixel.postgres import Lock
from heropixel.upkeep.upkeep import Upkeep


@pytest.fixture
def locks(postgres_url: str) -> Iterator[list[UpkeepLock]]:
    locks = [upkeep_lock(postgres_url) for _ in range(2)]
    yield locks
    for lock in locks:
        lock.close()


def end_sessions_of_holders(url: str) -> None:
    """What the database notices when a node dies."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
            (Lock.UPKEEP.value & 0xFFFFFFFF,),
        )


def test_one_node_has_it_until_it_gives_it_back(locks: list[UpkeepLock]) -> None:
    one, other = locks
    assert one.take()
    assert not other.take()
    one.give_back()
    assert other.take()
    assert not one.take()


def test_another_takes_over_when_the_holder_loses_its_connection(locks: list[UpkeepLock], postgres_url: str) -> None:
    one, other = locks
    assert one.take()
    end_sessions_of_holders(postgres_url)
    assert other.take()
    one.give_back()
    assert not one.take(), "it has lost it, and takes nothing from the other"


def test_a_server_that_is_alone_always_has_it() -> None:
    lock = upkeep_lock("sqlite:////nowhere")
    assert lock.take()
    assert lock.take()
    lock.give_back()


def test_without_the_database_nobody_has_it() -> None:
    lock = upkeep_lock("postgresql://who:secret@/db?host=/nowhere")
    with pytest.raises(StoreUnavailable) as refused:
        lock.take()
    assert "secret" not in str(refused.value)


def test_a_command_waits_for_its_turn(locks: list[UpkeepLock], postgres_url: str) -> None:
    (one, other), has_it = locks, threading.Event()

    def work() -> None:
        with held_for_upkeep(postgres_url):
            has_it.set()

    assert one.take()
    command = threading.Thread(target=work)
    command.start()
    assert not has_it.wait(0.3)
    one.give_back()
    assert has_it.wait(30)
    command.join()
    assert other.take()


async def test_a_round_that_somebody_waits_for_follows_that_of_the_other_node(
    locks: list[UpkeepLock], postgres_url: str
) -> None:
    def never() -> Events:
        raise AssertionError("nothing waits")

    with closing(open_directory(postgres_url)) as directory:
        upkeep = upkeep_of(directory.another(), never, locks[0])
        assert locks[1].take()
        assert not await upkeep.work()
        running = asyncio.create_task(upkeep.run())
        waiting = asyncio.create_task(upkeep.run_now(60))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        locks[1].give_back()
        async with asyncio.timeout(30):
            await waiting
        running.cancel()
        upkeep.close()


def upkeep_of(directory: Directory, events: object, lock: UpkeepLock) -> Upkeep:
    upkeep = Upkeep(directory, events, None, None, None, lambda: 1, lock=lock)  # type: ignore[arg-type]  # nothing is to be erased
    upkeep._retention.is_due = lambda: False  # type: ignore[method-assign]  # as above
    return upkeep
