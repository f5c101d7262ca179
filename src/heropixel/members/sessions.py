"""Sessions: begun by a sign-in, ended by signing out, by being revoked, or by lying idle for too long."""

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.member_tables import sessions, sign_in_links
from heropixel.directory.revision import bump_revision
from heropixel.members.refusals import SessionNotFound
from heropixel.members.roster import IDLE_MILLISECONDS
from heropixel.members.tokens import new_token

MOST = 50  # of one member; the ones that were used least lately end
_AGENT = 300  # characters


def begin_session(connection: Connection, member: str, now: int, user_agent: str, *, by_link: bool) -> str:
    """A new session of a member: the text of its cookie."""
    token = new_token()
    connection.execute(
        insert(sessions).values(
            sha256=token.sha256,
            member=member,
            created_at=now,
            used_at=now,
            by_link=by_link,
            user_agent=user_agent[:_AGENT],
        )
    )
    beyond = select(sessions.c.sha256).where(sessions.c.member == member).order_by(sessions.c.used_at.desc())
    connection.execute(delete(sessions).where(sessions.c.sha256.in_(beyond.offset(MOST))))
    connection.execute(delete(sessions).where(sessions.c.used_at <= now - IDLE_MILLISECONDS))
    bump_revision(connection)
    return token.text


def end_session(connection: Connection, sha256: bytes) -> None:
    """End one session."""
    connection.execute(delete(sessions).where(sessions.c.sha256 == sha256))
    bump_revision(connection)


def end_sessions(connection: Connection, member: str, *, but: bytes = b"") -> None:
    """End all sessions of a member, but for one."""
    connection.execute(delete(sessions).where(sessions.c.member == member, sessions.c.sha256 != but))
    bump_revision(connection)


def end_every_session(connection: Connection) -> None:
    """End every session and every sign-in link, such as in a restored backup: some were ended since."""
    connection.execute(delete(sessions))
    connection.execute(delete(sign_in_links))
    bump_revision(connection)


def revoke_session(connection: Connection, member: str, session_id: str) -> None:
    """End the session of a member with this id, see `MemberSession.id`.

    Raises:
        SessionNotFound: the member has no such session.
    """
    for sha256 in connection.execute(select(sessions.c.sha256).where(sessions.c.member == member)).scalars().all():
        if sha256.hex()[:12] == session_id:
            end_session(connection, sha256)
            return
    raise SessionNotFound
