"""Saved views of the dashboard: `savedViews`, `saveView`, `changeView`, `removeView`."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.callers import Caller
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.needs import VIEWS_OF_APP
from heropixel.directory.pixels import find_pixel
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import NotAllowed
from heropixel.members.saved_views import SavedView, change_view, find_view, list_views, remove_view, save_view
from heropixel.reports.viewed import ViewInput, read_view, stored_view
from heropixel.shown import SHOWN_VIEW, VIEW, show


class SavedViewAnswer(Answer):
    """The answer with one saved view."""

    view: SavedView | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The view."""
        return _plain(self.view) if self.view else NOTHING


class SavedViewsAnswer(Answer):
    """The saved views that a caller sees."""

    nodes: Sequence[SavedView] | None = None

    @property
    def total_count(self) -> int | None:
        """How many there are."""
        return None if self.nodes is None else len(self.nodes)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The views."""
        return NOTHING if self.nodes is None else {"nodes": [*map(_plain, self.nodes)]}


class SavedViews:
    """Resolves saved views."""

    EMPTY = "No saved views; `saveView` keeps what the dashboard shows under a name"

    def __init__(self, *, directory: DirectoryThread, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._clock = clock

    @answers(SavedViewsAnswer)
    async def saved_views(
        self, context: Context, pixel_id: int | None = None, auth: Credentials | None = None
    ) -> SavedViewsAnswer:
        """The views of the app, and of the member who asks."""
        caller = context.caller(auth)
        app = caller.app.number

        def read(connection: Connection) -> list[SavedView]:
            if pixel_id is not None:
                find_pixel(connection, pixel_id, app)
            return list_views(connection, app, _member_of(caller), pixel_id)

        views = [view for view in await self._directory.read(read) if view.pixel is None or caller.sees(view.pixel)]
        return SavedViewsAnswer(nodes=views) if views else SavedViewsAnswer(message=self.EMPTY, nodes=views)

    @answers(SavedViewAnswer)
    async def save_view(
        self,
        context: Context,
        name: str,
        owner: str,
        shows: ViewInput,
        pixel_id: int | None = None,
        auth: Credentials | None = None,
    ) -> SavedViewAnswer:
        """Keep a view."""
        caller, now = context.caller(auth), self._clock()
        member = None if owner == "APP" else _member_of(caller)
        if owner != "APP" and member is None:
            raise NotAllowed(why="Only a member who is signed in keeps views of their own: give APP as the owner")
        stored = stored_view(shows, now)
        saved = await self._directory.write(
            lambda connection: save_view(connection, caller.app.number, member, pixel_id, name, stored, now)
        )
        return SavedViewAnswer(message="View saved", view=saved)

    @answers(SavedViewAnswer)
    async def change_view(
        self,
        context: Context,
        id: str,  # noqa: A002 - the schema's
        name: str | None = None,
        shows: ViewInput | None = None,
        auth: Credentials | None = None,
    ) -> SavedViewAnswer:
        """Rename a view, or let it show something else."""
        caller, now = context.caller(auth), self._clock()
        stored = None if shows is None else stored_view(shows, now)
        changed = await self._directory.write(
            lambda connection: change_view(connection, _own(connection, caller, id), name, stored, now)
        )
        return SavedViewAnswer(message="View changed", view=changed)

    @answers(SavedViewAnswer)
    async def remove_view(self, context: Context, id: str, auth: Credentials | None = None) -> SavedViewAnswer:  # noqa: A002 - the schema's
        """Remove a view."""
        caller = context.caller(auth)

        def remove(connection: Connection) -> SavedView:
            view = _own(connection, caller, id)
            remove_view(connection, view)
            return view

        return SavedViewAnswer(message="View removed", view=await self._directory.write(remove))


def _own(connection: Connection, caller: Caller, view_id: str) -> SavedView:
    """A view that a caller may change.

    Raises:
        ViewNotFound: they see no such view.
        NotAllowed: it is everybody's, and they may not change those.
    """
    view = find_view(connection, caller.app.number, _member_of(caller), view_id)
    if view.member is None:
        VIEWS_OF_APP.check(caller, {})
    return view


def _member_of(caller: Caller) -> str | None:
    return caller.member.id if caller.member else None


def _plain(view: SavedView) -> dict[str, Any]:
    return {**show(VIEW, view), "shows": show(SHOWN_VIEW, read_view(view.shows))}
