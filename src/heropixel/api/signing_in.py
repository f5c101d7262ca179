"""Signing in and out, and what members say of themselves: `me`, `signIn`, `setPassword`, `sessions` and their like."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.callers import Caller, CallerKind
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials, SessionProof
from heropixel.api.sign_in_pages import APP_HEADER, FromPage, check_secure, sender_of
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.registry import App
from heropixel.directory.thread import DirectoryThread
from heropixel.errors import NotAllowed
from heropixel.members.attempts import Attempts
from heropixel.members.links import link_is_there, use_link
from heropixel.members.own import Account, check_new_email, find_account, set_password, show_addresses
from heropixel.members.passwords import Passwords, check_password
from heropixel.members.refusals import LinkInvalid, SignInRefused
from heropixel.members.roles import Role
from heropixel.members.roster import IDLE_MILLISECONDS, Member, MemberSession, Roster
from heropixel.members.sessions import begin_session, end_session, end_sessions, revoke_session
from heropixel.members.uses import LastUses
from heropixel.shown import MEMBER_SESSION, show

_WITHOUT_CURRENT_MILLISECONDS = 3_600_000  # after a sign-in by link: it is how a forgotten password is replaced


class Membership:
    """A member's role in an app."""

    def __init__(self, app: App, role: Role) -> None:
        self.id = app.id
        self.name = app.name
        self.role = role


class MeAnswer(Answer):
    """The answer that says who calls."""

    caller: Caller | None = None
    apps: Sequence[Membership] | None = None
    told_owners: Sequence[str] = ()  # what the owners of apps should know of this server

    @property
    def kind(self) -> CallerKind | None:
        """By what the caller is known."""
        return self.caller.kind if self.caller else None

    @property
    def app(self) -> App | None:
        """The app that they call for; None where they must say which, and for visitors of a share."""
        return self.caller.of if self.caller and not self.caller.share else None

    @property
    def member(self) -> Member | None:
        """The member."""
        return self.caller.member if self.caller else None

    @property
    def role(self) -> Role | None:
        """The member's role in the app."""
        return self.caller.role if self.caller else None

    @property
    def scopes(self) -> list[str] | None:
        """What a key may do."""
        return sorted(self.caller.scopes) if self.caller and self.kind is CallerKind.KEY else None

    @property
    def notices(self) -> list[str] | None:
        """What the owners of an app should know of this server."""
        if self.caller is None:
            return None
        return [*self.told_owners] if self.caller.is_owner else []

    @property
    def pixel_ids(self) -> list[int] | None:
        """The pixels of a key that is limited to some."""
        return None if self.caller is None or self.caller.pixels is None else sorted(self.caller.pixels)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """Who it is."""
        if self.caller is None:
            return NOTHING
        app, member = self.app, self.member
        return {
            "kind": self.kind,
            "app": app and {"id": app.id, "name": app.name},
            "member": member and {"id": member.id, "email": member.email, "showAddresses": member.show_addresses},
            "role": self.role,
            "apps": [{"id": each.id, "name": each.name, "role": each.role} for each in self.apps or ()],
        }


class SignedOutAnswer(Answer):
    """The answer to a sign-out."""

    ended: int | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """How many sessions have ended."""
        return NOTHING if self.ended is None else {"ended": self.ended}


class OwnSession:
    """A session as its member sees it."""

    def __init__(self, session: MemberSession, used_at: int, *, current: bool) -> None:
        self.id = session.id
        self.created_at = session.created_at
        self.used_at = used_at
        self.user_agent = session.user_agent or None
        self.current = current


class MemberSessionsAnswer(Answer):
    """The sessions of a member."""

    nodes: Sequence[OwnSession] | None = None

    @property
    def total_count(self) -> int | None:
        """How many there are."""
        return None if self.nodes is None else len(self.nodes)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The sessions."""
        return NOTHING if self.nodes is None else {"nodes": [show(MEMBER_SESSION, node) for node in self.nodes]}


class SigningIn:
    """Resolves signing in and out, and what members change of themselves."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        changes: RegistryChanges,
        roster: Roster,
        uses: LastUses,
        passwords: Passwords,
        attempts: Attempts,
        clock: Callable[[], int],
        told_owners: Sequence[str] = (),
    ) -> None:
        """`told_owners` is what the owners of apps should know of this server, as sentences."""
        self._directory = directory
        self._changes = changes
        self._roster = roster
        self._uses = uses
        self._passwords = passwords
        self._attempts = attempts
        self._clock = clock
        self._told_owners = told_owners

    @answers(MeAnswer)
    async def me(self, context: Context, auth: Credentials | None = None) -> MeAnswer:
        """Who calls."""
        by_session = auth is None and context.has_session_only
        return self._me(context, context.member() if by_session else context.caller(auth), "OK")

    @answers(MeAnswer)
    async def sign_in_by_link(self, context: Context, token: str) -> MeAnswer:
        """Begin a session by the token of a link."""
        _check_page(context)
        # Nobody can guess a token. Read first: a flood of wrong ones must not take the lock that pageviews need.
        if not await self._directory.read(lambda connection: link_is_there(connection, token, self._clock())):
            raise LinkInvalid
        return await self._begin(context, lambda connection, now: use_link(connection, token, now), by_link=True)

    @answers(MeAnswer)
    async def sign_in(self, context: Context, email: str, password: str) -> MeAnswer:
        """Begin a session by email and password. Whether there is such an account is told by nothing."""
        _check_page(context)
        self._attempts.note(email.strip().lower(), context.sender())
        account = await self._account(email)
        fits = await self._passwords.fits(account.password, password)
        if not fits or account.id is None:
            raise SignInRefused
        member = account.id
        return await self._begin(context, lambda _connection, _now: member, by_link=False)

    def _me(self, context: Context, caller: Caller, message: str) -> MeAnswer:
        apps = context.callers.registry.by_number
        held = caller.member.roles if caller.member else {}
        return MeAnswer(
            message=message,
            caller=caller,
            apps=[Membership(apps[number], role) for number, role in sorted(held.items()) if number in apps],
            told_owners=self._told_owners,
        )

    async def _account(self, email: str) -> Account:
        return await self._directory.read(lambda connection: find_account(connection, email))

    async def _begin(self, context: Context, whose: Callable[[Connection, int], str], *, by_link: bool) -> MeAnswer:
        now = self._clock()
        agent = context.headers.get(b"user-agent", b"").decode("latin-1")

        def begin(connection: Connection) -> str:
            member = whose(connection, now)
            if context.session is not None:  # this browser forgets it
                end_session(connection, context.session.sha256)
            return begin_session(connection, member, now, agent, by_link=by_link)

        token = await self._changes.write(begin)
        context.reply.begin(token)
        session = SessionProof.of(token, context.headers.get(APP_HEADER, b"").decode("latin-1").strip())
        return self._me(context, session.signed_in(context.callers), "Signed in")

    @answers(SignedOutAnswer)
    async def sign_out(self, context: Context, everywhere: bool = False) -> SignedOutAnswer:  # noqa: FBT001 - an argument of the schema, always by name
        """End this session, or all sessions of the member."""
        session, member = _own(context)
        ended = [one for one in self._of(member) if everywhere or one.sha256 == session.sha256]
        if everywhere:
            await self._changes.write(lambda connection: end_sessions(connection, member.id))
        else:
            await self._changes.write(lambda connection: end_session(connection, session.sha256))
        context.reply.end()
        return SignedOutAnswer(message="Signed out", ended=len(ended))

    @answers(MeAnswer)
    async def set_password(
        self, context: Context, password: str, current: str | None = None, email: str | None = None
    ) -> MeAnswer:
        """Set the member's password, and the email of one who has none. Their other sessions end."""
        session, member = _own(context)
        check_password(password)
        address = check_new_email(member, email)
        await self._check_current(context, session, member, current)
        hashed = await self._passwords.hash(password)
        await self._changes.write(
            lambda connection: set_password(connection, member.id, hashed, address, but=session.sha256)
        )
        return self._me(context, context.member(), "Password set")

    async def _check_current(
        self, context: Context, session: MemberSession, member: Member, current: str | None
    ) -> None:
        lately = session.by_link and self._clock() - session.created_at < _WITHOUT_CURRENT_MILLISECONDS
        if lately or not member.has_password:
            return
        self._attempts.note(member.email or member.id, context.sender())
        account = await self._account(member.email or "")
        if not await self._passwords.fits(account.password, current or ""):
            raise SignInRefused

    @answers(MeAnswer)
    async def show_addresses(self, context: Context, on: bool) -> MeAnswer:  # noqa: FBT001 - an argument of the schema, always by name
        """Mask addresses for the member, or show them."""
        _, member = _own(context)
        if on and not any(role.includes(Role.EDITOR) for role in member.roles.values()):
            held = ", ".join(sorted(set(member.roles.values())))
            raise NotAllowed(why=f"Your role is {held}; showing addresses needs {Role.EDITOR}")

        def change(connection: Connection) -> None:
            show_addresses(connection, member.id, on=on)

        await self._changes.write(noted(context, change, lambda _: "shown" if on else "masked"))
        return self._me(context, context.member(), "Addresses are shown" if on else "Addresses are masked")

    @answers(MemberSessionsAnswer)
    async def sessions(self, context: Context) -> MemberSessionsAnswer:
        """The sessions of the member, the last used first."""
        return self._sessions(context, "OK")

    @answers(MemberSessionsAnswer)
    async def revoke_session(self, context: Context, id: str) -> MemberSessionsAnswer:  # noqa: A002 - the schema's
        """End one session of the member."""
        session, member = _own(context)
        await self._changes.write(lambda connection: revoke_session(connection, member.id, id))
        if session.id == id:
            context.reply.end()
            return MemberSessionsAnswer(message="Session ended", nodes=[])
        return self._sessions(context, "Session ended")

    def _sessions(self, context: Context, message: str) -> MemberSessionsAnswer:
        session, member = _own(context)
        nodes = [OwnSession(one, self._used(one), current=one.sha256 == session.sha256) for one in self._of(member)]
        return MemberSessionsAnswer(message=message, nodes=sorted(nodes, key=lambda node: -node.used_at))

    def _of(self, member: Member) -> list[MemberSession]:
        """The sessions of a member that have not been idle for too long."""
        since = self._clock() - IDLE_MILLISECONDS
        return [one for one in self._roster.sessions.values() if one.member == member.id and self._used(one) > since]

    def _used(self, session: MemberSession) -> int:
        return self._uses.of(session.sha256, session.used_at) or session.used_at


def _own(context: Context) -> tuple[MemberSession, Member]:
    """The session and the member of a request; a key or a secret has none."""
    caller = context.signed_in()
    assert caller.session is not None  # noqa: S101 - each member calls by a session
    assert caller.member is not None  # noqa: S101 - the same
    return caller.session, caller.member


def _check_page(context: Context) -> None:
    """Check that the request comes from our own pages, or from a program.

    Raises:
        InsecureAddress: browsers would not keep the session.
        NotAllowed: it is a page of somebody else's, or there is no response to set a cookie in.
    """
    check_secure(context.headers, context.host)
    if sender_of(context.headers, context.host) is FromPage.FOREIGN:
        raise NotAllowed(why="Signing in is done on the server's own pages, not on those of another site")
    if context.reply.is_last:
        raise NotAllowed(why="Sign in by POST: a WebSocket cannot set a cookie")
