"""The members of an app: `members`, `inviteMember`, `changeMember`, `removeMember`."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.sign_in_pages import base_of
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.thread import DirectoryThread
from heropixel.members.links import INVITATION_MILLISECONDS, link_of, new_link
from heropixel.members.membership import (
    MemberRow,
    change_role,
    find_member,
    invite,
    list_members,
    remove_member,
)
from heropixel.members.roles import Role
from heropixel.members.tokens import new_token
from heropixel.shown import MEMBER, show


class MemberAnswer(Answer):
    """The answer with one member."""

    member: MemberRow | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The member."""
        return show(MEMBER, self.member) if self.member else NOTHING


class InvitationAnswer(Answer):
    """The answer with a member who was invited, and the link for them. It is shown only once."""

    member: MemberRow | None = None
    link: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The member and the link."""
        return {**show(MEMBER, self.member), "link": self.link} if self.member else NOTHING


class MembersAnswer(Answer):
    """The members of an app."""

    nodes: Sequence[MemberRow] | None = None

    @property
    def total_count(self) -> int | None:
        """How many there are."""
        return None if self.nodes is None else len(self.nodes)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The members."""
        return NOTHING if self.nodes is None else {"nodes": [show(MEMBER, node) for node in self.nodes]}


class Members:
    """Resolves the members of an app."""

    def __init__(
        self, *, directory: DirectoryThread, changes: RegistryChanges, clock: Callable[[], int], public_url: str | None
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._clock = clock
        self._public_url = public_url

    @answers(MembersAnswer)
    async def members(self, context: Context, auth: Credentials | None = None) -> MembersAnswer:
        """The members of the app, oldest first."""
        app = context.authenticate(auth).number
        return MembersAnswer(nodes=await self._directory.read(lambda connection: list_members(connection, app)))

    @answers(InvitationAnswer)
    async def invite_member(
        self, context: Context, email: str, role: str, auth: Credentials | None = None
    ) -> InvitationAnswer:
        """Add somebody to the app, and answer the link that signs them in for the first time."""
        app, now = context.authenticate(auth).number, self._clock()

        def change(connection: Connection) -> tuple[MemberRow, str]:
            invited = invite(connection, app, email, Role(role), now)
            if invited.is_new:
                return invited.row, new_link(connection, invited.row.id, now, INVITATION_MILLISECONDS)
            # Who can sign in already gets no link, and nobody is told so: it looks the same, and does nothing.
            return invited.row, new_token().text

        row, token = await self._changes.write(noted(context, change, lambda invited: invited[0].id))
        base = self._public_url or base_of(context.headers, context.host)
        return InvitationAnswer(message="Member invited", member=row, link=link_of(base, token))

    @answers(MemberAnswer)
    async def change_member(
        self,
        context: Context,
        id: str,  # noqa: A002 - the schema's
        role: str,
        auth: Credentials | None = None,
    ) -> MemberAnswer:
        """Give a member another role."""
        app = context.authenticate(auth).number

        def change(connection: Connection) -> MemberRow:
            change_role(connection, app, id, Role(role))
            return find_member(connection, app, id)

        changed = await self._changes.write(noted(context, change, lambda row: row.id))
        return MemberAnswer(message="Member changed", member=changed)

    @answers(MemberAnswer)
    async def remove_member(self, context: Context, id: str, auth: Credentials | None = None) -> MemberAnswer:  # noqa: A002 - the schema's
        """Take a member out of the app. Their sessions show it no more."""
        app = context.authenticate(auth).number

        def change(connection: Connection) -> MemberRow:
            row = find_member(connection, app, id)
            remove_member(connection, app, id)
            return row

        removed = await self._changes.write(noted(context, change, lambda row: row.id))
        return MemberAnswer(message="Member removed", member=removed)
