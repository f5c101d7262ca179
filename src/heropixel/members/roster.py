"""Members, sessions, keys and shares in memory, since requests need them. The registry reloads them with the apps."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, select

from heropixel.directory.member_tables import api_keys, members, roles, sessions
from heropixel.members.roles import KeyScope, Role
from heropixel.members.shares import SharedLink, read_shares

IDLE_MILLISECONDS = 14 * 86_400_000  # a session ends after so long without a request


class Member(msgspec.Struct, frozen=True):
    """Somebody who may sign in."""

    id: str
    email: str | None
    has_password: bool
    show_addresses: bool
    roles: Mapping[int, Role]  # by the number of the app


class MemberSession(msgspec.Struct, frozen=True):
    """One browser in which a member is signed in. Times are in Unix milliseconds."""

    sha256: bytes
    member: str
    created_at: int
    used_at: int
    by_link: bool
    user_agent: str

    @property
    def id(self) -> str:
        """Its id, which may be shown: the beginning of its digest."""
        return self.sha256.hex()[:12]


class ApiKey(msgspec.Struct, frozen=True):
    """A key of an app. Times are in Unix milliseconds."""

    id: str
    app: int
    name: str
    scopes: frozenset[KeyScope]
    pixels: frozenset[int] | None  # None: all pixels, also those made later
    created_at: int
    expires_at: int | None
    used_at: int | None

    def works(self, now: int) -> bool:
        """Whether requests with this key are accepted at this time."""
        return self.expires_at is None or now < self.expires_at


class Roster:
    """The current members, sessions, keys and shares. Reading them needs no lock."""

    def __init__(self) -> None:
        self.members: Mapping[str, Member] = {}
        self.sessions: Mapping[bytes, MemberSession] = {}  # by the digest of the cookie
        self.keys: Mapping[bytes, ApiKey] = {}  # by the digest of the key
        self.shares: Mapping[bytes, SharedLink] = {}  # by the digest of the token

    def reload(self, connection: Connection) -> None:
        """Read everything again."""
        self.members, self.sessions, self.keys, self.shares = (
            read_members(connection),
            read_sessions(connection),
            read_keys(connection),
            read_shares(connection),
        )


def read_members(connection: Connection) -> dict[str, Member]:
    """Every member by id."""
    held: dict[str, dict[int, Role]] = {}
    for member, app, role in connection.execute(select(roles.c.member, roles.c.app, roles.c.role)):
        held.setdefault(member, {})[app] = Role(role)
    rows = connection.execute(
        select(members.c.id, members.c.email, members.c.password.is_not(None), members.c.show_addresses)
    )
    return {id_: Member(id_, email, has_password, shows, held.get(id_, {})) for id_, email, has_password, shows in rows}


def read_sessions(connection: Connection) -> dict[bytes, MemberSession]:
    """Every session by the digest of its cookie."""
    rows = connection.execute(
        select(
            sessions.c.sha256,
            sessions.c.member,
            sessions.c.created_at,
            sessions.c.used_at,
            sessions.c.by_link,
            sessions.c.user_agent,
        )
    )
    return {row[0]: MemberSession(*row) for row in rows}


def read_keys(connection: Connection) -> dict[bytes, ApiKey]:
    """Every key by its digest."""
    rows = connection.execute(select(api_keys))
    return {
        row.sha256: ApiKey(
            row.id,
            row.app,
            row.name,
            msgspec.json.decode(row.scopes, type=frozenset[KeyScope]),
            None if row.pixels is None else msgspec.json.decode(row.pixels, type=frozenset[int]),
            row.created_at,
            row.expires_at,
            row.used_at,
        )
        for row in rows
    }
