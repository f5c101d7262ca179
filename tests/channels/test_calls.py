"""Calls of the methods of a Protocol over a socket: arguments, results, errors, cancelling, and lost connections."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from heropixel.channels.calling import CallLine, calling
from heropixel.channels.serving import Served, serving
from heropixel.errors import EventStoreUnavailable, EventsUnavailable, JournalUnavailable, ReportTooSlow, TooManyPoints
from tests.channels.ends import listening


class Place(NamedTuple):
    at: int
    zone: ZoneInfo


class Asked(Protocol):
    """A Protocol with what methods may have."""

    async def echo(
        self, place: Place, names: Sequence[str] = ("none",), *, more: bool = False
    ) -> tuple[Place, Any]: ...

    async def sums(self, spans: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], int]: ...

    async def anything(self) -> Any: ...

    async def fail(self, which: int) -> None: ...

    async def wait(self) -> None: ...

    async def group(self, number: int) -> list[int]: ...

    async def give_up(self) -> None: ...

    async def many(self, count: int) -> list[tuple[int, str]]: ...


FAILURES = [
    TooManyPoints(count=12_000, limit=10_000),
    ReportTooSlow(seconds=20),
    EventStoreUnavailable(),
    EventsUnavailable("the event store is not reachable, or has much to load"),
    JournalUnavailable("disk full"),
]
LARGE = 1 << 70


class Answering:
    """Answers the calls."""

    def __init__(self) -> None:
        self.waiting = 0
        self.cancelled = 0
        self.begun: list[int] = []

    async def echo(self, place: Place, names: Sequence[str] = ("other",), *, more: bool = True) -> tuple[Place, Any]:
        return place, {"names": [*names], "more": more}

    async def sums(self, spans: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], int]:
        return {span: sum(span) for span in spans}

    async def anything(self) -> Any:
        return {"properties": {"large": LARGE, "list": [-LARGE, 1, None, "ü"]}, "at": 1.5}

    async def fail(self, which: int) -> None:
        raise FAILURES[which] if which < len(FAILURES) else ValueError("an email: ann@example.com")

    async def wait(self) -> None:
        self.waiting += 1
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def group(self, number: int) -> list[int]:
        self.begun.append(number)
        await asyncio.sleep(0)
        return [*self.begun]

    async def give_up(self) -> None:
        raise asyncio.CancelledError

    async def many(self, count: int) -> list[tuple[int, str]]:
        return [(number, "x" * 20) for number in range(count)]


class Ends(NamedTuple):
    """Both ends of a line, and the path of its socket."""

    asked: Asked
    answering: Answering
    path: Path
    line: CallLine


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[Answering]:
    answering = Answering()
    async with serving(listening(path), Served(Asked, answering)):
        yield answering


@pytest_asyncio.fixture
async def ends() -> AsyncIterator[Ends]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        async with served(path) as answering:
            line = CallLine(path, EventStoreUnavailable)
            yield Ends(calling(Asked, line), answering, path, line)
            line.close()


async def until(true: Any) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110 - the other end has no event of its own
            await asyncio.sleep(0.001)


async def test_arguments_and_results_arrive_as_they_were_sent_with_the_defaults_of_the_protocol(ends: Ends) -> None:
    place = Place(3, ZoneInfo("Europe/Zurich"))
    assert await ends.asked.echo(place) == (place, {"names": ["none"], "more": False})
    assert await ends.asked.echo(place=place, names=["a"], more=True) == (place, {"names": ["a"], "more": True})
    assert await ends.asked.sums([(1, 2), (3, 4)]) == {(1, 2): 3, (3, 4): 7}
    assert await ends.asked.anything() == await ends.answering.anything(), "integers of any size"
    assert await ends.asked.many(100_000) == await ends.answering.many(100_000)


@pytest.mark.parametrize("which", range(len(FAILURES)))
async def test_a_refusal_and_an_unavailable_store_are_raised_again_with_the_same_words(ends: Ends, which: int) -> None:
    with pytest.raises(type(FAILURES[which])) as raised:
        await ends.asked.fail(which)
    assert str(raised.value) == str(FAILURES[which])
    assert type(raised.value) is type(FAILURES[which])


async def test_any_other_exception_is_logged_there_and_its_text_does_not_arrive(
    ends: Ends, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(EventStoreUnavailable) as raised:
        await ends.asked.fail(len(FAILURES))
    assert "ann@" not in str(raised.value)
    logged = capsys.readouterr()
    assert "Asked.fail" in logged.out + logged.err


async def test_a_caller_who_is_cancelled_cancels_the_call_at_the_other_end(ends: Ends) -> None:
    waiting = asyncio.create_task(ends.asked.wait())
    await until(lambda: ends.answering.waiting)
    waiting.cancel()
    await until(lambda: ends.answering.cancelled)
    assert await ends.asked.sums([(1, 1)]) == {(1, 1): 2}, "other calls go on"


async def test_a_call_that_is_cancelled_at_the_other_end_alone_is_unavailable(ends: Ends) -> None:
    with pytest.raises(EventStoreUnavailable):
        await ends.asked.give_up()


async def test_a_connection_that_is_lost_cancels_its_calls_at_the_other_end(ends: Ends) -> None:
    waiting = asyncio.create_task(ends.asked.wait())
    await until(lambda: ends.answering.waiting)
    ends.line.close()
    with pytest.raises(EventStoreUnavailable):
        await waiting
    await until(lambda: ends.answering.cancelled)


async def test_calls_of_one_turn_are_all_there_before_the_first_is_answered(ends: Ends) -> None:
    answers = await asyncio.gather(*map(ends.asked.group, range(9)))
    assert answers == [[*range(9)]] * 9


async def test_a_lost_connection_fails_its_pending_calls_and_the_next_call_connects_again() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        line = CallLine(path, EventStoreUnavailable)
        asked = calling(Asked, line)
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(served(path))
            pending = [asyncio.create_task(asked.wait()) for _ in range(3)]
            await until(lambda: first.waiting == 3)
        assert [type(each) for each in await asyncio.gather(*pending, return_exceptions=True)] == (
            [EventStoreUnavailable] * 3
        )
        again = asyncio.create_task(asked.sums([(1, 2)]))  # it waits for the one who answers next
        await asyncio.sleep(0.1)
        assert not again.done()
        async with served(path):
            assert await again == {(1, 2): 3}
        line.close()


async def test_a_call_waits_a_moment_only_for_whoever_does_not_take_the_connection() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls"
        held = listening(path)  # as by the parent of a process that is being started again
        line = CallLine(path, EventStoreUnavailable, seconds=0.1)
        with pytest.raises(EventStoreUnavailable):
            await calling(Asked, line).sums([])
        held.close()
        with pytest.raises(EventStoreUnavailable):
            await calling(Asked, line).sums([])
        line.close()
