"""Finds out who came in by the visitors' door, and links her browser: by the loader, when the answer is long gone.

That door needs no secret. Whatever was asked of the directory before the answer, or written, would take its time only
where somebody is known, and so the time would tell who is (docs/decisions/0011).
"""

from collections.abc import Callable, Sequence

from heropixel.directory import Directory
from heropixel.identity.resolve import link
from heropixel.recording.pageview import Entry, late_question, put_resolution

# At once: whoever is to be learned by a pageview of the API waits for the lock so long.
MAX_GROUP = 1024


class Linking:
    """Used by one thread at a time."""

    def __init__(self, directory: Directory, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._clock = clock

    def settle(self, entries: Sequence[Entry]) -> None:
        """Let entries of the journal say whose they are; the visitors are linked to them when it returns.

        Done again it links nobody anew: not to a user who was erased or is suppressed by now, nor a visitor that was
        linked to somebody else since. One who was merged is whoever speaks for her.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory cannot do it; some may be linked.
        """
        waiting = [entry for entry in entries if entry.known_by]
        for start in range(0, len(waiting), MAX_GROUP):
            group = waiting[start : start + MAX_GROUP]
            resolutions = link(self._directory, [late_question(entry) for entry in group], self._clock())
            for entry, resolution in zip(group, resolutions, strict=True):
                put_resolution(entry, resolution)
