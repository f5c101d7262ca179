"""As of when figures are: what was accepted before is loaded, whichever node accepted it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from heropixel.journal import open_journal
from heropixel.recording.as_of import AsOf, loaded_until

NOW = 1_800_000_000_000  # of the clock; a group's time is the database's


def entry(received: int) -> bytes:
    return b'{"received":"%d","other":1}\n' % received


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.process)])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A journal in a file or in a database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'journal.sqlite3'}"
    else:
        yield request.getfixturevalue("postgres_url")


def test_figures_are_as_of_now_or_of_the_oldest_pageview_that_waits(journal_url: str) -> None:
    with closing(open_journal(journal_url, "node")) as appender, closing(open_journal(journal_url, "node")) as loader:
        assert loaded_until(journal_url, lambda: NOW) == NOW, "nothing waits"
        appender.append(entry(NOW - 9_000) + entry(NOW - 8_000), {}, NOW)
        appender.append(entry(NOW - 2_000), {}, NOW)
        assert loaded_until(journal_url, lambda: NOW) == NOW - 9_000
        batch = loader.take(1)
        assert batch is not None
        loader.release(batch)
        assert loaded_until(journal_url, lambda: NOW) == NOW - 2_000, "a group is loaded as a whole"
        assert loaded_until(journal_url, lambda: NOW - 5_000) == NOW - 5_000, "never of the future"


@pytest.mark.process
def test_in_a_cluster_they_are_as_of_what_every_node_has_loaded(postgres_url: str) -> None:
    with ExitStack() as stack:
        nodes = [stack.enter_context(closing(open_journal(postgres_url, name))) for name in ("one", "two")]
        for number, node in enumerate(nodes):
            node.append(entry(NOW - 9_000 + number * 5_000), {}, NOW)
        for node, then in zip(nodes, (NOW - 4_000, NOW), strict=True):
            batch = node.take(10)
            assert batch is not None
            node.release(batch)
            assert loaded_until(postgres_url, lambda: NOW) == then


def test_a_journal_that_cannot_be_read_is_said_to_be_not_known(tmp_path: Path) -> None:
    assert loaded_until(f"sqlite:///{tmp_path / 'none.sqlite3'}", lambda: NOW) is None
    assert loaded_until("postgresql://u:s3cret@127.0.0.1:9/x", lambda: NOW) is None


async def test_reports_of_one_second_share_one_look(tmp_path: Path) -> None:
    url, looks = f"sqlite:///{tmp_path / 'journal.sqlite3'}", []

    def clock() -> int:
        looks.append(1)
        return NOW

    with closing(open_journal(url, "node")):
        as_of = AsOf(url, clock)
        assert {*await asyncio.gather(as_of(), as_of(), as_of())} == {NOW}
        assert len(looks) == 1
        as_of._looked_at -= 1
        assert await as_of() == NOW
        assert len(looks) == 2
