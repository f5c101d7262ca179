"""Shares, for those who make them and for those who open them: `shares`, `createShare`, `revokeShare`, `openShare`."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials, bearer_of
from heropixel.api.sign_in_pages import base_of
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.thread import DirectoryThread
from heropixel.identity.suppress import expiry
from heropixel.members.attempts import Attempts
from heropixel.members.passwords import Passwords, check_password
from heropixel.members.refusals import TooManyAttempts
from heropixel.members.roster import Roster
from heropixel.members.share_refusals import (
    ShareExpired,
    ShareLocked,
    SharePasswordNeeded,
    SharePasswordWrong,
    ShareRevoked,
)
from heropixel.members.shares import (
    NewShare,
    SharedLink,
    about_share,
    create_share,
    link_of_share,
    list_shares,
    revoke_share,
    stored_password,
)
from heropixel.members.tokens import digest
from heropixel.members.uses import LastUses
from heropixel.reports.filters import FilterInput
from heropixel.reports.shared import stored_filter
from heropixel.shown import OPENED_SHARE, SHARE, show


class ShareAnswer(Answer):
    """The answer with one share."""

    share: SharedLink | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The share."""
        return show(SHARE, self.share) if self.share else NOTHING


class NewShareAnswer(Answer):
    """The answer with a new share and its link, which is shown only once."""

    share: SharedLink | None = None
    link: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The share and its link."""
        return {**show(SHARE, self.share), "link": self.link} if self.share else NOTHING


class SharesAnswer(Answer):
    """The shares of an app."""

    nodes: Sequence[SharedLink] | None = None

    @property
    def total_count(self) -> int | None:
        """How many there are."""
        return None if self.nodes is None else len(self.nodes)

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The shares."""
        return NOTHING if self.nodes is None else {"nodes": [show(SHARE, node) for node in self.nodes]}


class OpenedShareAnswer(Answer):
    """The answer to a visitor who has opened a share."""

    share: SharedLink | None = None
    bearer: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The share as visitors see it, and what they send with each request."""
        return {**show(OPENED_SHARE, self.share), "bearer": self.bearer} if self.share else NOTHING


class Shares:
    """Resolves shares."""

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
        public_url: str | None,
    ) -> None:
        self._directory = directory
        self._changes = changes
        self._roster = roster
        self._uses = uses
        self._passwords = passwords
        self._attempts = attempts
        self._clock = clock
        self._public_url = public_url

    @answers(SharesAnswer)
    async def shares(
        self, context: Context, pixel_id: int | None = None, auth: Credentials | None = None
    ) -> SharesAnswer:
        """The shares of the app, or of one pixel, oldest first."""
        app = context.authenticate(auth).number
        kept = await self._directory.read(lambda connection: list_shares(connection, app, pixel_id))
        used = {share.id: self._uses.of(sha256, share.used_at) for sha256, share in self._roster.shares.items()}
        nodes = [msgspec.structs.replace(share, used_at=used.get(share.id, share.used_at)) for share in kept]
        return SharesAnswer(nodes=nodes)

    @answers(NewShareAnswer)
    async def create_share(
        self,
        context: Context,
        pixel_id: int,
        name: str,
        password: str | None = None,
        expires_at: str | float | None = None,
        filter: FilterInput | None = None,  # noqa: A002 - the schema's
        embed_on: Sequence[str] | None = None,
        *,
        show_people: bool = False,
        auth: Credentials | None = None,
    ) -> NewShareAnswer:
        """Make a share."""
        app, now = context.authenticate(auth).number, self._clock()
        end, kept_filter = expiry(expires_at, now), stored_filter(filter)
        if password:
            check_password(password)
        hashed = await self._passwords.hash(password) if password else None

        def create(connection: Connection) -> NewShare:
            return create_share(
                connection,
                app,
                pixel_id,
                name,
                now,
                password=hashed,
                filter_=kept_filter,
                embed_on=embed_on or (),
                expires_at=end,
                show_people=show_people,
            )

        made = await self._changes.write(noted(context, create, lambda made: about_share(made.share)))
        base = self._public_url or base_of(context.headers, context.host)
        return NewShareAnswer(
            message="Share created", share=made.share, link=link_of_share(base, made.share, made.token)
        )

    @answers(ShareAnswer)
    async def revoke_share(self, context: Context, id: str, auth: Credentials | None = None) -> ShareAnswer:  # noqa: A002 - the schema's
        """Make a share stop working at once."""
        app = context.authenticate(auth).number

        def revoke(connection: Connection) -> SharedLink:
            return revoke_share(connection, app, id)

        revoked = await self._changes.write(noted(context, revoke, about_share))
        return ShareAnswer(message="Share revoked", share=revoked)

    @answers(OpenedShareAnswer)
    async def open_share(self, context: Context, token: str, password: str | None = None) -> OpenedShareAnswer:
        """Let a visitor look at a share: answer what they send with each request."""
        share, now = self._roster.shares.get(digest(token)), self._clock()
        if share is None:
            raise ShareRevoked
        if not share.works(now):
            raise ShareExpired
        if share.has_password:
            await self._check(share, password, context.sender())
        return OpenedShareAnswer(message="Share opened", share=share, bearer=bearer_of(share, token, now))

    async def _check(self, share: SharedLink, password: str | None, sender: str) -> None:
        """Check the password. Only wrong ones count: many visitors of a share have the right one.

        Raises:
            SharePasswordNeeded, SharePasswordWrong, ShareLocked: it is not the right one.
            SignInsBusy: too many wait already.
        """
        if not password:
            raise SharePasswordNeeded
        try:
            self._attempts.note(share.id, sender)
        except TooManyAttempts as refused:
            raise ShareLocked(**refused.details) from None
        stored = await self._directory.read(lambda connection: stored_password(connection, share.id))
        if not await self._passwords.fits(stored, password):
            raise SharePasswordWrong
        self._attempts.take_back(share.id, sender)
