"""`suppress`, `unsuppress`, `suppressions`: contacts that must not be resolved."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.registry import App
from heropixel.directory.suppressions import Suppression, count_suppressions, list_suppressions
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import Refusal, TooManyContacts
from heropixel.identity.identifiers import Index
from heropixel.identity.suppress import Contact, ContactInput, ContactOutcome, expiry, suppress_many, unsuppress_many
from heropixel.shown import SUPPRESSION, show
from heropixel.values import counted


class ContactAnswer(Answer):
    """The outcome for one contact."""

    status: ContactOutcome = ContactOutcome.INVALID


class Summary(NamedTuple):
    """How many contacts there were, in all and of each status."""

    total: int
    success: int
    already_suppressed: int
    not_suppressed: int
    invalid: int

    @classmethod
    def of(cls, statuses: Sequence[ContactOutcome]) -> "Summary":
        """Count statuses."""
        counts = Counter(statuses)
        return cls(len(statuses), *(counts[outcome] for outcome in ContactOutcome))


class SuppressAnswer(Answer):
    """The outcomes for many contacts."""

    results: Sequence[ContactAnswer] | None = None

    @classmethod
    def of(cls, results: Sequence[ContactAnswer], done: str) -> "SuppressAnswer":
        """The answer that holds one answer for each contact."""
        taken = sum(result.status is ContactOutcome.SUCCESS for result in results)
        return cls(message=f"{taken} of {counted(len(results), 'contacts')} {done}", results=results)

    @property
    def summary(self) -> Summary | None:
        """The results, counted."""
        return None if self.results is None else Summary.of([result.status for result in self.results])

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The summary, and each status in order."""
        if self.results is None or self.summary is None:
            return NOTHING
        return {"summary": self.summary._asdict(), "statuses": [result.status for result in self.results]}


class SuppressionsAnswer(ListAnswer):
    """A page of suppressions."""

    LIST = "suppressions"
    EMPTY = "No contact is suppressed; `suppress` does it"

    @staticmethod
    def plain(node: Suppression) -> dict[str, Any]:
        """A suppression."""
        return show(SUPPRESSION, node)


class Suppressions:
    """Resolves the contacts that must not be resolved."""

    def __init__(
        self, *, directory: DirectoryThread, index: Index, clock: Callable[[], int], max_contacts: int, max_page: int
    ) -> None:
        self._directory = directory
        self._index = index
        self._clock = clock
        self._max_contacts = max_contacts
        self._max_page = max_page

    @answers(SuppressAnswer)
    async def suppress(
        self,
        context: Context,
        contacts: list[ContactInput],
        reason: str | None = None,
        expires_at: str | float | None = None,
        auth: Credentials | None = None,
    ) -> SuppressAnswer:
        """Suppress contacts, all in one transaction."""
        app, now = self._checked(context, contacts, auth), self._clock()
        end = expiry(expires_at, now)

        def parse(contact: ContactInput) -> Contact:
            return contact.contact(reason, end)

        return SuppressAnswer.of(await self._change(context, app, contacts, parse, suppress_many), "suppressed")

    @answers(SuppressAnswer)
    async def unsuppress(
        self, context: Context, contacts: list[ContactInput], auth: Credentials | None = None
    ) -> SuppressAnswer:
        """Let contacts be resolved again, all in one transaction."""
        app = self._checked(context, contacts, auth)
        return SuppressAnswer.of(
            await self._change(context, app, contacts, ContactInput.contact, unsuppress_many), "no longer suppressed"
        )

    def _checked(self, context: Context, contacts: Sequence[ContactInput], auth: Credentials | None) -> App:
        app, limit = context.authenticate(auth), self._max_contacts
        if len(contacts) > limit:
            raise TooManyContacts(count=len(contacts), limit=limit)
        return app

    async def _change(
        self,
        context: Context,
        app: App,
        contacts: Sequence[ContactInput],
        parse: Callable[[ContactInput], Contact],
        change: Callable[..., list[ContactOutcome]],
    ) -> list[ContactAnswer]:
        """Change all contacts that can be parsed, in one transaction. A bad contact gets its own answer."""
        now = self._clock()
        parsed = [_parsed(contact, parse) for contact in contacts]
        good = [contact for contact in parsed if isinstance(contact, Contact)]

        def changing(connection: Connection) -> list[ContactOutcome]:
            return change(connection, app.number, self._index, good, now)

        noting = noted(context, changing, lambda _: counted(len(contacts), "contacts"))
        changed = iter([_answered(outcome) for outcome in await self._directory.write(noting)])
        return [next(changed) if isinstance(contact, Contact) else contact for contact in parsed]

    @answers(SuppressionsAnswer)
    async def suppressions(
        self, context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
    ) -> SuppressionsAnswer:
        """The suppressions of the app that are in force, oldest first."""
        app, now = context.authenticate(auth), self._clock()
        page = ListPage.parse(SuppressionsAnswer.LIST, first, after, self._max_page)

        def read(connection: Connection) -> tuple[list[Suppression], int | None]:
            rows = list_suppressions(connection, app.number, page.after or 0, page.first + 1, now)
            return rows, count_suppressions(connection, app.number, now) if "totalCount" in context.selected else None

        rows, total = await self._directory.read(read)
        return SuppressionsAnswer.of(rows, page, total, lambda row: row.id)


def _parsed(contact: ContactInput, parse: Callable[[ContactInput], Contact]) -> Contact | ContactAnswer:
    try:
        return parse(contact)
    except Refusal as refusal:
        return ContactAnswer.refused(refusal)


def _answered(outcome: ContactOutcome) -> ContactAnswer:
    return ContactAnswer(message=_MESSAGES[outcome], status=outcome)


_MESSAGES = {
    ContactOutcome.SUCCESS: "Done",
    ContactOutcome.ALREADY_SUPPRESSED: "Was already suppressed",
    ContactOutcome.NOT_SUPPRESSED: "Was not suppressed",
}
