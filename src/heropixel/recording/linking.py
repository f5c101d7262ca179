"""Links browsers to whom they were seen with at the visitors' door: by the loader, when the answer is long gone.

That door needs no secret. A link that was written before the answer would cost a disk sync, and only where somebody is
known: the time would tell who is (docs/decisions/0011).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.users import Identifier, find_by_ids, find_by_keys, linked_since, put_identifiers
from heropixel.events.daily_visitors import PREFIX
from heropixel.identity.identifiers import Claims, Index, Known, keys_of
from heropixel.recording.pageview import BEACON


class Linking:
    """Links what the journal holds. Used by one thread at a time."""

    def __init__(self, directory: Directory, index: Callable[[], Index], clock: Callable[[], int]) -> None:
        """The index is asked for once there is somebody to link: who has lost its key can still load the rest."""
        self._directory = directory
        self._index = index
        self._clock = clock

    def link(self, payloads: Sequence[bytes]) -> None:
        """Link who was seen in these rows of the journal, in one transaction; done again it changes nothing.

        Not to a user who has been erased or is suppressed by now; one who was merged is whoever speaks for her. A
        visitor who was linked to somebody else since stays linked to her.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory cannot do it; nobody was linked.
        """
        last = _last_of_each(payloads)
        if not last:
            return
        index = self._index()
        seen = [
            _Seen(keys_of(Claims(visitor_id=visitor_id), app, index)[0], user_id, received)
            for (app, visitor_id), (user_id, received) in last.items()
        ]
        # Asked first without the lock: nearly always there is nothing new.
        if self._new(self._directory.connection, seen):
            with self._directory.writing() as connection:
                put_identifiers(connection, self._new(connection, seen))

    def _new(self, connection: Connection, seen: Sequence["_Seen"]) -> list[Identifier]:
        """The links that are to be written."""
        now = self._clock()
        users = find_by_ids(connection, [each.user_id for each in seen])
        owners = find_by_keys(connection, [each.known.key for each in seen])
        since = linked_since(connection, [*owners])
        new: list[Identifier] = []
        for known, user_id, received in seen:
            user, owner = users.get(user_id), owners.get(known.key)
            if user is None or user.suppressed_until > now:
                continue
            if owner is None or (owner.user.id != user.id and since[known.key] <= received):
                new.append((known.key, user_id, known.kind, known.form, known.lone, received))
        return new


class _Seen(NamedTuple):
    """That a visitor was a user's then, by a pageview."""

    known: Known  # the visitor
    user_id: int  # the id that the pageview is recorded under
    received: int  # Unix milliseconds


class _Row(msgspec.Struct, gc=False):
    """Of a row what tells of a link."""

    app: int
    event_id: str
    received: float
    visitor_id: str = ""
    user_id: int = 0
    matched_on: str = ""


_rows = msgspec.json.Decoder(_Row)


def _last_of_each(payloads: Sequence[bytes]) -> dict[tuple[int, str], tuple[int, int]]:
    """By app and visitor: the user whom the last pageview shows that names both, and when it was received.

    Where that came in by the API it was linked before its answer, and there is nothing to do.
    """
    last: dict[tuple[int, str], tuple[int, int]] = {}
    for payload in payloads:
        # Nearly all are of nobody, or have no visitor: they are not read. Inside a text the quotes are escaped.
        if b'"user_id":' not in payload or b'"visitor_id":"' not in payload:
            continue
        row = _rows.decode(payload)
        if row.matched_on == "VISITOR_ID" or not row.visitor_id or row.visitor_id.startswith(PREFIX):
            continue
        if row.event_id.startswith(BEACON):
            last[row.app, row.visitor_id] = row.user_id, round(row.received * 1000)
        else:
            last.pop((row.app, row.visitor_id), None)
    return last
