"""A browser is taken from a person (`unlink`), and given back (`relink`)."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.unlinks import Unlink, find_unlink
from heropixel.events.asking import Asking
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.identity.unlink import Linked, UnlinkRequest, find_link, relink, unlink
from heropixel.shown import UNLINK, show

log = structlog.get_logger()

# How long an answer waits until pageviews have followed. With few pageviews it can then say that all is done.
_WAIT_SECONDS = 0.6


class UnlinkAnswer(Answer):
    """The answer with an unlink."""

    unlink: Unlink | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The unlink."""
        return show(UNLINK, self.unlink) if self.unlink else NOTHING


class Unlinks:
    """Resolves unlinks."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        asking: Asking,
        index: Index,
        run_now: Callable[[float], Awaitable[None]],
        clock: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._asking = asking
        self._index = index
        self._run_now = run_now
        self._clock = clock

    @answers(UnlinkAnswer)
    async def unlink(
        self, context: Context, by: UserSelector, visitor_id: str, auth: Credentials | None = None
    ) -> UnlinkAnswer:
        """Take a browser from a person."""
        app = context.authenticate(auth)
        request = UnlinkRequest(app.number, by, visitor_id, "API", self._clock())
        found = await self._directory.read(lambda connection: find_link(connection, self._index, request))
        ever_linked = found.user is None and await self._is_linked(app.number, found)

        def take(connection: Connection) -> Unlink:
            return unlink(connection, self._index, request, ever_linked=ever_linked)

        taken = await self._directory.write(noted(context, take, lambda taken: f"unlink {taken.id}"))
        log.info("a browser was taken from a person", unlink=taken.id, app=app.id)  # the audit line
        return UnlinkAnswer(message="Browser unlinked", unlink=await self._awaited(taken))

    @answers(UnlinkAnswer)
    async def relink(self, context: Context, id: str, auth: Credentials | None = None) -> UnlinkAnswer:  # noqa: A002 - the schema's
        """Undo an unlink."""
        app, now = context.authenticate(auth), self._clock()

        def give(connection: Connection) -> Unlink:
            return relink(connection, app.number, id, now)

        given = await self._directory.write(noted(context, give, lambda given: f"unlink {given.id}"))
        log.info("a browser was given back to a person", unlink=given.id, app=app.id)  # the audit line
        return UnlinkAnswer(message="Browser linked again", unlink=await self._awaited(given))

    async def _is_linked(self, app: int, found: Linked) -> bool:
        """Whether the event store has a link of the two: the browser may have been linked to somebody else since."""
        links = await self._asking.links_of(app, found.members)
        return any(link.visitor_id == found.visitor_id for link in links)

    async def _awaited(self, unlink: Unlink) -> Unlink:
        await self._run_now(_WAIT_SECONDS)
        return await self._directory.read(lambda connection: find_unlink(connection, unlink.app, unlink.id)) or unlink
