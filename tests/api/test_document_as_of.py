"""As of when the figures of a GraphQL document are: what one report waits for, all of them wait for."""

import asyncio
from collections.abc import Sequence

from heropixel.api.document_as_of import DocumentAsOf
from heropixel.concurrency.next_group import Call, NextGroup

AS_OF = 1_790_000_000_000
WANTED = (False, True, False, True, False)  # by each report of a document


async def looked() -> int:
    return await asyncio.to_thread(lambda: AS_OF)


async def test_the_reports_of_a_document_are_one_group_also_where_some_say_as_of_when_they_are() -> None:
    sizes = []

    async def answer(group: Sequence[Call[int | None, int | None]]) -> None:
        sizes.append(len(group))
        for call in group:
            call.settle(call.question)

    as_of, groups = DocumentAsOf(looked), NextGroup(answer)

    async def report(*, wanted: bool) -> int | None:
        return await groups.ask(await as_of(wanted=wanted))

    for _ in range(2):
        assert set(await asyncio.gather(*(report(wanted=wanted) for wanted in WANTED))) == {AS_OF}
    assert sizes == [len(WANTED)] * 2


async def test_a_report_does_not_wait_for_what_only_another_document_wants() -> None:
    goes_on = asyncio.Event()

    async def slow() -> int:
        await goes_on.wait()
        return AS_OF

    as_of = DocumentAsOf(slow)
    waiting = asyncio.create_task(as_of(wanted=True))
    for _ in range(2):  # it begins in the first turn, and the next one is that of the other document
        await asyncio.sleep(0)
    assert await as_of(wanted=False) is None
    assert not waiting.done()
    goes_on.set()
    assert await waiting == AS_OF
