"""Where past pageviews are recorded: by the server that holds the folder, or in this process where none runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import msgspec

from heropixel import folder
from heropixel.operators_door import past_recorder
from heropixel.operators_line import OperatorsLine, line_to_holder
from heropixel.recording.past import Outcome, PastPageview
from heropixel.server import running_product
from heropixel.settings import Settings

Record = Callable[[Sequence[PastPageview]], Awaitable[list[Outcome]]]

_SECONDS = 90  # the event store has 60 s to take what is in the journal


@asynccontextmanager
async def recording(settings: Settings, pixel: int) -> AsyncIterator[Record]:
    """Give what records past pageviews of a pixel; what was recorded before is in the event store by then.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        StoreUnavailable: a store cannot do it now; so does what is given, which then has recorded nothing.
    """
    with line_to_holder(settings.data, _SECONDS) as line:
        async with _by_server(line, pixel) if line else _here(settings, pixel) as record:
            yield record


@asynccontextmanager
async def _here(settings: Settings, pixel: int) -> AsyncIterator[Record]:
    with folder.held(settings.data, "heropixel pageviews import"):
        async with running_product(settings) as (product, loader):
            past = past_recorder(product, loader)
            await past.catch_up()
            yield lambda pageviews: past.record(pixel, pageviews)


@asynccontextmanager
async def _by_server(line: OperatorsLine, pixel: int) -> AsyncIterator[Record]:
    async def record(pageviews: Sequence[PastPageview]) -> list[Outcome]:
        # On a thread, which sends while the next pageviews are read; and what was begun is always finished.
        answer = await asyncio.to_thread(line.post, f"/operator/pageviews?pixel={pixel}", _encode(pageviews))
        return msgspec.json.decode(answer, type=list[Outcome])

    await asyncio.to_thread(line.post, "/operator/catch-up")
    yield record


_encode = msgspec.json.Encoder().encode_lines
