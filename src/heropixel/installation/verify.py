"""Verifies pages, with a limit on how many at the same time and a timeout for each."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import msgspec

from heropixel.concurrency.aside import aside
from heropixel.directory.registry import Pixel
from heropixel.errors import InvalidUrl, PixelNotFound, VerificationsBusy
from heropixel.installation.case import Case
from heropixel.installation.checks import Check, run_checks
from heropixel.installation.evidence import Evidence, look
from heropixel.installation.fetch import Fetcher
from heropixel.installation.pasting import shown
from heropixel.installation.urls import Unusable, absolute

SECONDS = 10  # for all fetches of one verification
MAX_AT_ONCE = 4


class Verification(msgspec.Struct, frozen=True):
    """The result of the verification of a page."""

    url: str  # after the redirects
    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether every check has passed."""
        return all(check.passed for check in self.checks)

    @property
    def message(self) -> str:
        """The result in a sentence."""
        failed = sum(check.passed is False for check in self.checks)
        unmade = sum(check.passed is None for check in self.checks)
        said = [f"{failed} {'check has' if failed == 1 else 'checks have'} failed"] if failed else []
        if unmade:
            what = "" if failed else "check " if unmade == 1 else "checks "
            said.append(f"{unmade} {what}could not be made")
        return ", ".join(said) or "Installation verified"

    def plain(self) -> dict[str, Any]:
        """The result as JSON."""
        checks = [
            {"name": check.name, "passed": check.passed, "found": check.found, "toDo": check.to_do}
            for check in self.checks
        ]
        return {"url": self.url, "ok": self.ok, "checks": checks}


class Verifier:
    """Verifies pages for a server."""

    def __init__(self, fetcher: Fetcher, seconds: float = SECONDS) -> None:
        self._fetcher = fetcher
        self._seconds = seconds
        self._under_way = 0

    async def verify(
        self, url: str, pixels: Mapping[int, Pixel], wanted: int | None = None, *, serving: bool = True
    ) -> Verification:
        """Verify a page. It may name any of these pixels; if one is wanted, it must name that one.

        `serving` is False if it is certain that no server runs that could answer.

        Raises:
            InvalidUrl: no browser would open a page there.
            PixelNotFound: the wanted pixel is none of them.
            AddressForbidden: the page is at an address that must not be used.
            VerificationsBusy: the limit of verifications at the same time is reached.
        """
        if wanted is not None and wanted not in pixels:
            raise PixelNotFound
        try:
            page = absolute(url)
        except Unusable as error:
            raise InvalidUrl(why=error) from None
        if self._under_way >= MAX_AT_ONCE:
            raise VerificationsBusy(limit=MAX_AT_ONCE)
        self._under_way += 1
        try:
            # On a thread with an event loop of its own: what a stranger's server sends may keep it busy.
            return await aside(self._verified, page, pixels, wanted, serving)
        finally:
            self._under_way -= 1

    def _verified(
        self,
        page: httpx.URL,
        pixels: Mapping[int, Pixel],
        wanted: int | None,
        serving: bool,  # noqa: FBT001 - the thread takes no keywords
    ) -> Verification:
        seen = asyncio.run(self._look(page))
        return Verification(shown(seen.url, 2_000), run_checks(Case(seen, pixels, wanted, serving)))

    async def _look(self, page: httpx.URL) -> Evidence:
        return await look(self._fetcher, page, asyncio.get_running_loop().time() + self._seconds)
