"""Resolves pageviews of the browser endpoints and links their visitors: the loader does it, long after the answer.

The browser endpoints need no secret. Any read or write of the directory before the answer would take its time only for
known users. So the time would show who is known (docs/decisions/0011).
"""

from collections.abc import Callable, Sequence

from heropixel.directory import Directory
from heropixel.identity.browsers import UNBOUNDED
from heropixel.identity.resolve import link
from heropixel.recording.pageview import Entry, late_question, put_after, put_resolution

# Entries in one transaction. A pageview of the API that learns a user waits that long for the write lock.
MAX_GROUP = 1024


class Linking:
    """Used by one thread at a time."""

    def __init__(self, directory: Directory, clock: Callable[[], int], *, most_browsers: int = UNBOUNDED) -> None:
        self._directory = directory
        self._clock = clock
        self._most_browsers = most_browsers

    def resolve(self, entries: Sequence[Entry]) -> None:
        """Resolve entries of the journal. Their visitors are linked when it returns.

        It is idempotent. It links nobody to a user who was erased or is suppressed by now. A visitor that was linked to
        another user since stays linked to that user. A merged user is replaced by the surviving user.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory cannot do it; some may be linked.
        """
        waiting = [entry for entry in entries if entry.known_by]
        for start in range(0, len(waiting), MAX_GROUP):
            group = waiting[start : start + MAX_GROUP]
            resolutions = link(
                self._directory, [late_question(entry) for entry in group], self._clock(), self._most_browsers
            )
            for entry, resolution in zip(group, resolutions, strict=True):
                put_resolution(entry, resolution)
                put_after(entry, resolution.linked_after)
