"""Many claims at once share one transaction, and the queue is bounded."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heropixel.browser.claiming import MAX_WAITING, Claiming
from heropixel.directory import Directory
from heropixel.directory.claims import Claim, waiting_claims
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import DirectoryUnavailable, Overloaded
from tests.world import new_directory


@pytest.fixture
async def directory(tmp_path: Path) -> AsyncIterator[Directory]:
    directory = new_directory(tmp_path)
    yield directory
    directory.close()


@pytest.fixture
async def claiming(directory: Directory) -> AsyncIterator[Claiming]:
    thread = DirectoryThread(directory.another(0.1))
    yield Claiming(thread)
    thread.close()


def claim(number: int = 0) -> Claim:
    return Claim(1, f"v{number}", b"", 1)


def kept(directory: Directory) -> list[str]:
    return [claim.visitor_id for _, claim in waiting_claims(directory.connection, 10_000)]


async def test_claims_that_come_together_are_kept_in_their_order_when_they_are_answered(
    directory: Directory, claiming: Claiming
) -> None:
    await asyncio.gather(*[claiming.keep(claim(number)) for number in range(100)])
    assert kept(directory) == [f"v{number}" for number in range(100)]
    await claiming.keep(claim(100))
    assert len(kept(directory)) == 101


async def test_a_claim_too_many_is_refused_at_once_and_the_rest_is_kept(
    directory: Directory, claiming: Claiming
) -> None:
    answers = await asyncio.gather(
        *[claiming.keep(claim(number)) for number in range(MAX_WAITING + 5)], return_exceptions=True
    )
    assert [type(answer) for answer in answers if answer] == [Overloaded] * 5
    assert len(kept(directory)) == MAX_WAITING


async def test_claims_that_cannot_be_kept_are_refused_and_later_ones_are_kept(
    directory: Directory, claiming: Claiming, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "directory.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answers = await asyncio.gather(*[claiming.keep(claim()) for _ in range(3)], return_exceptions=True)
    assert {type(answer) for answer in answers} == {DirectoryUnavailable}
    other.execute("ROLLBACK")
    other.close()
    await claiming.keep(claim(7))
    assert kept(directory) == ["v7"]


async def test_a_caller_that_disconnects_does_not_delay_the_others(directory: Directory, claiming: Claiming) -> None:
    gone = asyncio.create_task(claiming.keep(claim(1)))
    other = asyncio.create_task(claiming.keep(claim(2)))
    await asyncio.sleep(0)
    gone.cancel()
    await other
    assert kept(directory) == ["v1", "v2"]
