"""The audit list: it is written here after what it tells of, before that is answered; and `auditEntries` reads it."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import Answer, answers
from heropixel.api.callers import Caller, CallerKind
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.needs import Need, Whose
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import DirectoryUnavailable
from heropixel.members.audit import AuditEntry, add_entry, count_entries, list_entries
from heropixel.members.roles import Role
from heropixel.shown import AUDIT_ENTRY, show


class AuditEntriesAnswer(ListAnswer):
    """A page of the audit list."""

    LIST = "auditEntries"
    EMPTY = "Nothing is listed yet: what members and keys do to people, keys and roles will be, for a year"

    @staticmethod
    def plain(node: AuditEntry) -> dict[str, Any]:
        """An entry."""
        return show(AUDIT_ENTRY, node)


class Audit:
    """Notes what was done, and resolves the list of it."""

    def __init__(self, *, directory: DirectoryThread, clock: Callable[[], int], max_page: int) -> None:
        self._directory = directory
        self._clock = clock
        self._max_page = max_page

    async def note(
        self, context: Context, need: Need, action: str, answer: Answer, arguments: Mapping[str, Any]
    ) -> None:
        """Note an operation that was done. Of what the app's secret does, only what needs an owner is noted."""
        caller = context.reply.caller
        if answer.code != 200 or caller is None or need.about is None:
            return
        if caller.kind is not CallerKind.MEMBER and not need.audits_keys:
            return
        if caller.kind is CallerKind.SECRET and need.role is not Role.OWNER:
            return
        about, now = need.about(answer, arguments), self._clock()

        def write(connection: Connection) -> None:
            for app in _apps_of(caller, need):
                add_entry(connection, app, now, caller.kind, caller.id, action, about)

        with contextlib.suppress(DirectoryUnavailable):  # which is logged: what was done is answered as done
            await self._directory.write(write)

    @answers(AuditEntriesAnswer)
    async def entries(
        self, context: Context, first: int = 50, after: str | None = None, auth: Credentials | None = None
    ) -> AuditEntriesAnswer:
        """What members and keys have done, newest first."""
        app = context.authenticate(auth).number
        page = ListPage.parse(AuditEntriesAnswer.LIST, first, after, self._max_page)

        def read(connection: Connection) -> tuple[list[AuditEntry], int | None]:
            total = count_entries(connection, app) if "totalCount" in context.selected else None
            return list_entries(connection, app, page.after, page.first + 1), total

        rows, total = await self._directory.read(read)
        return AuditEntriesAnswer.of(rows, page, total, lambda row: row.id)


def _apps_of(caller: Caller, need: Need) -> Iterable[int]:
    """The apps whose list it belongs in: what members do to themselves, in that of each app of theirs."""
    if need.who is Whose.MEMBERS and caller.member is not None:
        return caller.member.roles
    return [caller.app.number]
