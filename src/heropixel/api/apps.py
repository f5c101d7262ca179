"""The calling app and its secrets: `app`, `rotateSecret`, `revokeSecret`."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory import apps as directory
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.registry import App, Registry
from heropixel.shown import APP, show

_SHOWN = ("id", "name")


class AppAnswer(Answer):
    """The answer with the app."""

    app: App | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The app."""
        return show(APP, self.app, _SHOWN) if self.app else NOTHING


class SecretAnswer(Answer):
    """The answer with a new secret. A secret is shown only once."""

    app: App | None = None
    app_secret: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The app and its new secret."""
        return {**show(APP, self.app, _SHOWN), "appSecret": self.app_secret} if self.app else NOTHING


class Apps:
    """Resolves the calling app and its secrets."""

    def __init__(self, *, registry: Registry, changes: RegistryChanges, clock: Callable[[], int]) -> None:
        self._registry = registry
        self._changes = changes
        self._clock = clock

    @answers(AppAnswer)
    async def app(self, context: Context, auth: Credentials | None = None) -> AppAnswer:
        """The app the credentials belong to."""
        caller = context.caller(auth)
        app = self._with_working_secrets(caller.app)
        # The ids of secrets are for those who may revoke them.
        return AppAnswer(app=app if caller.is_owner else msgspec.structs.replace(app, secrets=()))

    @answers(SecretAnswer)
    async def rotate_secret(
        self, context: Context, grace_seconds: int = 0, auth: Credentials | None = None
    ) -> SecretAnswer:
        """Give the app a new secret."""
        app, now = context.authenticate(auth), self._clock()

        def rotate(connection: Connection) -> str:
            return directory.rotate_secret(connection, app.number, grace_seconds, now)

        made = await self._changes.write(noted(context, rotate, lambda _: ""))
        return SecretAnswer(message="Secret rotated", app=self._changed(app), app_secret=made)

    @answers(AppAnswer)
    async def revoke_secret(self, context: Context, id: str, auth: Credentials | None = None) -> AppAnswer:  # noqa: A002 - the schema's
        """Make one secret of the app stop working at once."""
        app, now = context.authenticate(auth), self._clock()

        def revoke(connection: Connection) -> None:
            directory.revoke_secret(connection, app.number, id, now)

        await self._changes.write(noted(context, revoke, lambda _: f"secret {id}"))
        return AppAnswer(message="Secret revoked", app=self._changed(app))

    def _changed(self, app: App) -> App:
        """The app as it is after a change."""
        return self._with_working_secrets(self._registry.apps[app.id])

    def _with_working_secrets(self, app: App) -> App:
        now = self._clock()
        return msgspec.structs.replace(app, secrets=tuple(secret for secret in app.secrets if secret.works(now)))
