"""Erasures: of people (`forget`), of pixels (`deletePixel`), and the receipts of both (`erasure`, `erasures`)."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.erasures import Erasure, count_erasures, find_erasure, list_erasures
from heropixel.directory.pixels import delete_pixel, find_pixel
from heropixel.directory.thread import DirectoryThread
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.shown import ERASURE, show
from heropixel.upkeep.waiting import ErasureWaits, wait_in_words

log = structlog.get_logger()

# How long an answer waits until pageviews are erased. With few pageviews it can then say that all is done.
_WAIT_SECONDS = 0.6


class ErasureAnswer(Answer):
    """The answer with an erasure; None for a deleted pixel that keeps its pageviews."""

    erasure: Erasure | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The erasure."""
        return show(ERASURE, self.erasure) if self.erasure else NOTHING


class ErasuresAnswer(ListAnswer):
    """A page of erasures."""

    LIST = "erasures"
    EMPTY = "Nothing was erased yet; `forget` erases a person, and `deletePixel` the pageviews of a pixel"

    @staticmethod
    def plain(node: Erasure) -> dict[str, Any]:
        """An erasure."""
        return show(ERASURE, node)


class Erasures:
    """Resolves erasures."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        changes: RegistryChanges,
        index: Index,
        run_now: Callable[[float], Awaitable[None]],
        waits: ErasureWaits,
        clock: Callable[[], int],
        max_page: int,
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._index = index
        self._run_now = run_now
        self._waits = waits
        self._clock = clock
        self._max_page = max_page

    @answers(ErasureAnswer)
    async def forget_user(
        self, context: Context, *, by: UserSelector, tombstone: bool = False, auth: Credentials | None = None
    ) -> ErasureAnswer:
        """Erase a person."""
        app = context.authenticate(auth)
        request = ErasureRequest(app.number, by, tombstone, "API", self._clock())

        def forgetting(connection: Connection) -> Erasure:
            return forget(connection, self._index, request)

        erasure = await self._directory.write(noted(context, forgetting, lambda erasure: erasure.id))
        log.info("a person was erased", receipt=erasure.id, app=app.id, **erasure.counts)  # the audit line
        return ErasureAnswer(message="Person erased", erasure=await self._awaited(erasure))

    @answers(ErasureAnswer)
    async def delete_a_pixel(
        self,
        context: Context,
        id: int,  # noqa: A002 - the schema's
        pageviews: str,
        auth: Credentials | None = None,
    ) -> ErasureAnswer:
        """Delete a pixel, with or without its pageviews."""
        app = context.authenticate(auth)
        now = self._clock()

        def delete(connection: Connection) -> Erasure | None:
            find_pixel(connection, id, app.number)
            return delete_pixel(connection, id, erase=pageviews == "ERASE", origin="API", now=now)

        erasure = await self._changes.write(noted(context, delete, lambda _: f"pixel {id}"))
        return ErasureAnswer(message="Pixel deleted", erasure=erasure and await self._awaited(erasure))

    @answers(ErasureAnswer)
    async def erasure(self, context: Context, id: str, auth: Credentials | None = None) -> ErasureAnswer:  # noqa: A002 - the schema's
        """The state of an erasure."""
        app = context.authenticate(auth)
        found = await self._directory.read(lambda connection: find_erasure(connection, app.number, id))
        found = await self._waits.of(found)
        pending = wait_in_words(found) or "Pageviews are being erased"
        return ErasureAnswer(message="Done" if found.done_at else pending, erasure=found)

    @answers(ErasuresAnswer)
    async def erasures(
        self, context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
    ) -> ErasuresAnswer:
        """The erasures of the app, latest first."""
        app = context.authenticate(auth).number
        page = ListPage.parse(ErasuresAnswer.LIST, first, after, self._max_page)
        before = None if page.after is None else (page.after, page.tie)

        def read(connection: Connection) -> tuple[list[tuple[tuple[int, int], Erasure]], int | None]:
            total = count_erasures(connection, app) if "totalCount" in context.selected else None
            return list_erasures(connection, app, before, page.first + 1), total

        listed, total = await self._directory.read(read)
        place_of = {each.id: place for place, each in listed}
        shown = [each for _, each in listed]
        if {"waitsFor", "data"} & context.selected:
            shown = await self._waits.of_all(shown)
        return ErasuresAnswer.of(shown, page, total, lambda each: place_of[each.id])

    async def _awaited(self, erasure: Erasure) -> Erasure:
        if erasure.done_at:
            return erasure
        await self._run_now(_WAIT_SECONDS)
        found = await self._directory.read(lambda connection: find_erasure(connection, erasure.app, erasure.id))
        return await self._waits.of(found)
