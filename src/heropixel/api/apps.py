"""The app that is calling, and its secrets: `app`, `rotateSecret`, `revokeSecret`."""

from typing import Any

import msgspec

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory import apps as directory
from heropixel.directory.registry import App


class AppAnswer(Answer):
    """The answer with the app."""

    app: App | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The app."""
        return _plain(self.app) if self.app else NOTHING


class SecretAnswer(Answer):
    """The answer with a new secret, shown this once."""

    app: App | None = None
    app_secret: str | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The app and its new secret."""
        return {**_plain(self.app), "appSecret": self.app_secret} if self.app else NOTHING


def _plain(app: App) -> dict[str, Any]:
    return {"id": app.id, "name": app.name}


@answers(AppAnswer)
async def app(context: Context, auth: Credentials | None = None) -> AppAnswer:
    """The app the credentials belong to."""
    return AppAnswer(app=_with_working_secrets(context.authenticate(auth), context))


@answers(SecretAnswer)
async def rotate_secret(context: Context, grace_seconds: int = 0, auth: Credentials | None = None) -> SecretAnswer:
    """Give the app a new secret."""
    app, now = context.authenticate(auth), context.product.clock()
    made = await context.product.change_registry(
        lambda connection: directory.rotate_secret(connection, app.number, grace_seconds, now)
    )
    return SecretAnswer(message="Secret rotated", app=_anew(app, context), app_secret=made)


@answers(AppAnswer)
async def revoke_secret(context: Context, id: str, auth: Credentials | None = None) -> AppAnswer:  # noqa: A002 - the schema's
    """Make one secret of the app stop working at once."""
    app, now = context.authenticate(auth), context.product.clock()
    await context.product.change_registry(lambda connection: directory.revoke_secret(connection, app.number, id, now))
    return AppAnswer(message="Secret revoked", app=_anew(app, context))


def _anew(app: App, context: Context) -> App:
    """The app as it is after a change."""
    return _with_working_secrets(context.product.registry.apps[app.id], context)


def _with_working_secrets(app: App, context: Context) -> App:
    now = context.product.clock()
    return msgspec.structs.replace(app, secrets=tuple(secret for secret in app.secrets if secret.works(now)))
