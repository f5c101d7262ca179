"""Finds out who came in by the visitors' door, and links her browser: by the loader, when the answer is long gone.

That door needs no secret. Whatever was asked of the directory before the answer, or written, would take its time only
where somebody is known, and so the time would tell who is (docs/decisions/0011).
"""

from collections.abc import Callable, Sequence

import msgspec

from heropixel.directory import Directory
from heropixel.identity.resolve import link
from heropixel.recording.pageview import Row, late_question, put_resolution

# At once: whoever is to be learned by a pageview of the API waits for the lock so long.
MAX_GROUP = 1024


class Linking:
    """Used by one thread at a time."""

    def __init__(self, directory: Directory, clock: Callable[[], int]) -> None:
        self._directory = directory
        self._clock = clock

    def settle(self, payloads: Sequence[bytes]) -> list[bytes]:
        """Rows of the journal, with whose they are; the visitors are linked to them when it returns.

        Done again it links nobody anew: not to a user who was erased or is suppressed by now, nor a visitor that was
        linked to somebody else since. One who was merged is whoever speaks for her.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory cannot do it; some may be linked.
        """
        settled = [*payloads]
        # The others are not read. In a text the quotes are escaped.
        waiting = [place for place, payload in enumerate(payloads) if b'"known_by":[' in payload]
        for start in range(0, len(waiting), MAX_GROUP):
            places = waiting[start : start + MAX_GROUP]
            rows = [_DECODER.decode(payloads[place]) for place in places]
            resolutions = link(self._directory, [late_question(row) for row in rows], self._clock())
            for place, row, resolution in zip(places, rows, resolutions, strict=True):
                put_resolution(row, resolution)
                settled[place] = _ENCODER.encode(row)
        return settled


_DECODER = msgspec.json.Decoder(Row)
_ENCODER = msgspec.json.Encoder()
