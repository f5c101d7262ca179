"""Whether a pageview could be recorded now: no part of the server knows why not, and the stores' disk takes bytes."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PROBE = bytes(65_536)  # more than a group of pageviews takes in the journal
_KEPT_SECONDS = 1.0  # anybody may ask


class Readiness:
    """Asks the parts, and tries the disk at most once a second."""

    def __init__(self, folders: Sequence[Path], reasons: Sequence[Callable[[], str]], accepted: str = "") -> None:
        """Each of `reasons` says why a part cannot record a pageview, and nothing where it can.

        `accepted`: what the operator has accepted less than is promised, in a sentence.
        """
        self.accepted = accepted
        self._folders = folders
        self._reasons = reasons
        self._trying = asyncio.Lock()
        self._tried_at = float("-inf")
        self._why = ""

    def leave(self) -> None:
        """The server stops soon. Until then it goes on, and a load balancer may take it out."""
        self._reasons = [lambda: "the server is stopping"]

    async def why_not(self) -> str:
        """Why no pageview could be recorded; empty where one could."""
        for reason in self._reasons:
            if why := reason():
                return why
        async with self._trying:
            if time.monotonic() - self._tried_at >= _KEPT_SECONDS:
                self._why = await asyncio.to_thread(why_not_written, self._folders)
                self._tried_at = time.monotonic()
            return self._why


def why_not_written(folders: Sequence[Path], name: str = ".ready") -> str:
    """Why some bytes cannot be written there and synced; empty where they can."""
    for folder in folders:
        probe = folder / name  # one for all doors: one that is killed here leaves no more behind
        try:
            with open(os.open(probe, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:  # noqa: PTH123 - no path
                file.write(_PROBE)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            return f"the disk cannot be written ({error.strerror})"
        finally:
            probe.unlink(missing_ok=True)
    return ""
