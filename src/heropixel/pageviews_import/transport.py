"""Where past pageviews are recorded: by the server that holds the folder, or in this process where none runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
import msgspec

from heropixel import folder
from heropixel.enrichment import NOWHERE, whereabouts
from heropixel.errors import EventsUnavailable, FolderInUse, ServerUnreachable
from heropixel.recording.past import Outcome, PastPageview, PastRecorder
from heropixel.server import running_product
from heropixel.settings import Settings

Record = Callable[[Sequence[PastPageview]], Awaitable[list[Outcome]]]

_TIMEOUT = httpx.Timeout(90, connect=5)  # the event store has 60 s to take what is in the journal


@asynccontextmanager
async def recording(settings: Settings, pixel: int) -> AsyncIterator[Record]:
    """Give what records past pageviews of a pixel; what was recorded before is in the event store by then.

    Raises:
        FolderInUse: another command holds the folder.
        ServerUnreachable: the process that holds the folder does not answer.
        StoreUnavailable: a store cannot do it now; so does what is given, which then has recorded nothing.
    """
    holder = folder.holder_of(settings.data)
    if holder and not holder.url:
        raise FolderInUse(process=f"{holder.command}, pid {holder.pid}", folder=settings.data)
    async with _by_server(settings, holder, pixel) if holder else _here(settings, pixel) as record:
        yield record


@asynccontextmanager
async def _here(settings: Settings, pixel: int) -> AsyncIterator[Record]:
    with folder.held(settings.data, "heropixel pageviews import"):
        async with running_product(settings) as (product, loader):
            where = whereabouts(product.places, NOWHERE)
            past = PastRecorder(product.registry, product.recorder, loader, product.events, product.clock, where)
            await past.catch_up()
            yield lambda pageviews: past.record(pixel, pageviews)


@asynccontextmanager
async def _by_server(settings: Settings, holder: folder.Holder, pixel: int) -> AsyncIterator[Record]:
    with httpx.Client(
        base_url=holder.url,
        headers={"Authorization": f"Bearer {holder.token}"},
        timeout=_TIMEOUT,
        trust_env=False,  # it is this machine: a proxy would get the token, and could not reach it
    ) as http:

        async def post(path: str, body: bytes = b"") -> bytes:
            try:
                # On a thread, which sends while the next pageviews are read; and what was begun is always finished.
                response = await asyncio.to_thread(http.post, path, content=body)
                if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    raise EventsUnavailable(response.text)
                return response.raise_for_status().content
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                process = f"{holder.command}, pid {holder.pid}"
                raise ServerUnreachable(folder=settings.data, process=process, why=error) from None

        async def record(pageviews: Sequence[PastPageview]) -> list[Outcome]:
            answer = await post(f"/operator/pageviews?pixel={pixel}", _encode(pageviews))
            return msgspec.json.decode(answer, type=list[Outcome])

        await post("/operator/catch-up")
        yield record


_encode = msgspec.json.Encoder().encode_lines
