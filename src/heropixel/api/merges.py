"""`merges`: which users of an app are one person, by what, and what of it was undone."""

from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import answers
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.merges import Merge, count_merges, list_merges
from heropixel.directory.thread import DirectoryThread
from heropixel.shown import MERGE, show


class MergesAnswer(ListAnswer):
    """A page of merges."""

    LIST = "merges"
    EMPTY = "Nobody was merged yet; `identify` merges users whom it names together, and `mergeUsers` does it by hand"

    @staticmethod
    def plain(node: Merge) -> dict[str, Any]:
        """A merge."""
        return show(MERGE, node)


class Merges:
    """Resolves the list of merges."""

    def __init__(self, *, directory: DirectoryThread, max_page: int) -> None:
        self._directory = directory
        self._max_page = max_page

    @answers(MergesAnswer)
    async def merges(
        self, context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
    ) -> MergesAnswer:
        """The merges of the app, latest first."""
        app = context.authenticate(auth).number
        page = ListPage.parse(MergesAnswer.LIST, first, after, self._max_page)

        def read(connection: Connection) -> tuple[list[Merge], int | None]:
            total = count_merges(connection, app) if "totalCount" in context.selected else None
            return list_merges(connection, app, page.after, page.first + 1), total

        rows, total = await self._directory.read(read)
        return MergesAnswer.of(rows, page, total, lambda row: row.id)
