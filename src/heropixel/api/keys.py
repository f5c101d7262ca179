"""The keys of an app: `keys`, `createKey`, `revokeKey`."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.thread import DirectoryThread
from heropixel.identity.suppress import expiry
from heropixel.members.keys import NewKey, create_key, list_keys, revoke_key
from heropixel.members.roster import ApiKey, Roster
from heropixel.members.uses import LastUses
from heropixel.shown import KEY, show


class KeyAnswer(Answer):
    """The answer with one key."""

    key: ApiKey | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The key."""
        return show(KEY, self.key) if self.key else NOTHING


class NewKeyAnswer(Answer):
    """The answer with a new key and its text, which is shown only once."""

    key: ApiKey | None = None
    secret: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The key and its text."""
        return {**show(KEY, self.key), "secret": self.secret} if self.key else NOTHING


class KeysAnswer(Answer):
    """The keys of an app."""

    nodes: Sequence[ApiKey] | None = None

    @property
    def total_count(self) -> int | None:
        """How many there are."""
        return None if self.nodes is None else len(self.nodes)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The keys."""
        return NOTHING if self.nodes is None else {"nodes": [show(KEY, node) for node in self.nodes]}


class Keys:
    """Resolves the keys of an app."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        changes: RegistryChanges,
        roster: Roster,
        uses: LastUses,
        clock: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._roster = roster
        self._uses = uses
        self._clock = clock

    @answers(KeysAnswer)
    async def keys(self, context: Context, auth: Credentials | None = None) -> KeysAnswer:
        """The keys of the app, oldest first."""
        app = context.authenticate(auth).number
        kept = await self._directory.read(lambda connection: list_keys(connection, app))
        used = {key.id: self._uses.of(sha256, key.used_at) for sha256, key in self._roster.keys.items()}
        return KeysAnswer(nodes=[msgspec.structs.replace(key, used_at=used.get(key.id, key.used_at)) for key in kept])

    @answers(NewKeyAnswer)
    async def create_key(
        self,
        context: Context,
        name: str,
        scopes: list[str],
        pixel_ids: list[int] | None = None,
        expires_at: str | float | None = None,
        auth: Credentials | None = None,
    ) -> NewKeyAnswer:
        """Make a key."""
        app, now = context.authenticate(auth).number, self._clock()
        end = expiry(expires_at, now)

        def create(connection: Connection) -> NewKey:
            return create_key(connection, app, name, scopes, pixel_ids, end, now)

        made = await self._changes.write(noted(context, create, lambda made: made.key.id))
        return NewKeyAnswer(message="Key created", key=made.key, secret=made.text)

    @answers(KeyAnswer)
    async def revoke_key(self, context: Context, id: str, auth: Credentials | None = None) -> KeyAnswer:  # noqa: A002 - the schema's
        """Make a key stop working at once."""
        app = context.authenticate(auth).number

        def revoke(connection: Connection) -> ApiKey:
            return revoke_key(connection, app, id)

        revoked = await self._changes.write(noted(context, revoke, lambda key: key.id))
        return KeyAnswer(message="Key revoked", key=revoked)
