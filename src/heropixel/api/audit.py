"""The audit list: an entry is written in the transaction of what it tells of; and `auditEntries` reads them."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from sqlalchemy import Connection

from heropixel.api.answers import answers
from heropixel.api.callers import Caller, CallerKind
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.needs import Need, Whose
from heropixel.directory.thread import DirectoryThread
from heropixel.members.audit import AuditEntry, add_entry, count_entries, list_entries
from heropixel.members.roles import Role
from heropixel.shown import AUDIT_ENTRY, show

T = TypeVar("T")


def noted(context: Context, change: Callable[[Connection], T], about: Callable[[T], str]) -> Callable[[Connection], T]:
    """A change that writes its entry, too: neither is there without the other.

    `about` says of what the change was, from its result: ids and numbers, never a name or an address. Of what the app's
    secret does, only what needs an owner is noted.
    """
    need, caller = context.need, context.reply.caller
    if need is None or caller is None or not _is_listed(need, caller, context):
        return change
    now = context.callers.clock()

    def changing(connection: Connection) -> T:
        done = change(connection)
        for app in _apps_of(caller, need):
            add_entry(connection, app, now, caller.kind, caller.id, need.name, about(done))
        return done

    return changing


def _is_listed(need: Need, caller: Caller, context: Context) -> bool:
    if caller.kind is CallerKind.SECRET:
        return need.role_for(context.arguments) is Role.OWNER
    return caller.kind is CallerKind.MEMBER or need.audits_keys


class AuditEntriesAnswer(ListAnswer):
    """A page of the audit list."""

    LIST = "auditEntries"
    EMPTY = "Nothing is listed yet: what members and keys do to people, keys and roles will be, for a year"

    @staticmethod
    def plain(node: AuditEntry) -> dict[str, Any]:
        """An entry."""
        return show(AUDIT_ENTRY, node)


class Audit:
    """Resolves the audit list."""

    def __init__(self, *, directory: DirectoryThread, max_page: int) -> None:
        self._directory = directory
        self._max_page = max_page

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
