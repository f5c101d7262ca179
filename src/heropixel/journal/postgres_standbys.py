"""Without its standbys a commit waits, for ever. So the journal looks for them before it begins a transaction.

A commit that waits is never cancelled: that ends it as if it were on the standbys, with no more than a warning.
"""

import time
from typing import Final

from heropixel.cluster.durability import why_commits_wait
from heropixel.errors import JournalUnavailable
from heropixel.journal.postgres_link import AnyConnection

_LOOK_SECONDS: Final = 0.2  # between two looks: one costs as much as a look-up of users


class Standbys:
    """Remembers for a moment that they are there."""

    def __init__(self) -> None:
        self._look_again_at = 0.0

    def look(self, connection: AnyConnection) -> None:
        """Return if all are there that a commit waits for.

        Raises:
            JournalUnavailable: they are not.
            psycopg.Error: the server cannot be asked.
        """
        if time.monotonic() < self._look_again_at:
            return
        if why := why_commits_wait(connection):
            raise JournalUnavailable(why)
        self._look_again_at = time.monotonic() + _LOOK_SECONDS
