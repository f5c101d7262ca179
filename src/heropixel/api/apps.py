"""The query `app`."""

from heropixel.api.answers import AppAnswer, answers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials


@answers(AppAnswer)
async def app(context: Context, auth: Credentials | None = None) -> AppAnswer:
    """The app the credentials belong to."""
    return AppAnswer(app=context.authenticate(auth))
