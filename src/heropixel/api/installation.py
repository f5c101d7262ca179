"""`verifyInstallation`: whether a page has the tag, and whether everything that the tag needs is right."""

from typing import Any

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.registry import Registry
from heropixel.installation.verify import Verification, Verifier


class VerificationAnswer(Answer):
    """The answer with the findings on a page."""

    verification: Verification | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The findings as plain JSON."""
        return self.verification.plain() if self.verification else NOTHING


class Installations:
    """Resolves the verification of a page."""

    def __init__(self, *, registry: Registry, verifier: Verifier) -> None:
        self._registry = registry
        self._verifier = verifier

    @answers(VerificationAnswer)
    async def verify_installation(
        self, context: Context, url: str, pixel_id: int | None = None, auth: Credentials | None = None
    ) -> VerificationAnswer:
        """Fetch a page and say what is right on it and what is not."""
        own = context.caller(auth).own_pixels(self._registry.pixels)
        verification = await self._verifier.verify(url, own, pixel_id)
        return VerificationAnswer(message=verification.message, verification=verification)
