"""Everything that is kept of a person, as one document: `userData`."""

from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.connections import ListPage, PageBounds, cursor
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.thread import DirectoryThread
from heropixel.events.asking import Asking
from heropixel.events.evidence import link_rows
from heropixel.events.pageviews import ListPlace
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.identity.whole_person import whole_person

LIST = "userData"


class WholePersonAnswer(Answer):
    """The answer with the document of one person."""

    document: dict[str, Any] | None = None
    page_info: PageBounds | None = None
    pageview_count: int | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The document."""
        return NOTHING if self.document is None else self.document


class WholePerson:
    """Resolves the documents of people who ask what is kept of them."""

    def __init__(self, *, directory: DirectoryThread, asking: Asking, index: Index, max_user_data: int) -> None:
        self._directory = directory
        self._asking = asking
        self._index = index
        self._max = max_user_data

    @answers(WholePersonAnswer)
    async def user_data(
        self,
        context: Context,
        by: UserSelector,
        first: int = 1_000,
        after: str | None = None,
        auth: Credentials | None = None,
    ) -> WholePersonAnswer:
        """Everything that is kept of one person."""
        app = context.authenticate(auth).number
        page = ListPage.parse(LIST, first, after, self._max)

        def read(connection: Connection) -> dict[str, list[dict[str, Any]]]:
            return whole_person(connection, app, self._index, by.find(connection, app, self._index))

        document: dict[str, Any] = await self._directory.read(read)
        users = [int(user["id"]) for user in document["users"]]
        document["browsers"] = link_rows(await self._asking.links_of(app, users), app)
        before = None if page.after is None else ListPlace(page.after, page.tie)
        rows = await self._asking.rows_of(app, users, before, page.first + 1)
        shown = rows[: page.first]
        document["pageviews"] = [row for _, row in shown]
        cursors = [cursor(page.of, place) for place, _ in shown]
        bounds = PageBounds.of(cursors, page, has_next_page=len(rows) > page.first)
        counted = await self._asking.activity(app, {users[0]: users})
        total = sum(each.pageviews for each in counted.values())
        return WholePersonAnswer(document=document, page_info=bounds, pageview_count=total)
