"""The time until which a GraphQL document asks."""

import asyncio
from itertools import count

from heropixel.api.document_time import DocumentTime

START = 1_790_000_000_000


async def test_all_that_is_asked_in_one_document_is_asked_until_the_same_moment() -> None:
    moments = count(START)
    now = DocumentTime(lambda: next(moments))

    async def field() -> int:
        return now()

    for moment in (START, START + 1):
        assert await asyncio.gather(*(field() for _ in range(9))) == [moment] * 9
