"""`users import`: the rows of a file become users, in batches. Bad rows are written beside the file."""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.users import Past, note_pasts
from heropixel.identity.batch import MAX_JOINED, Identified, MergeOrigin, Result, ToIdentify
from heropixel.identity.identifiers import Index
from heropixel.identity.identify import identify_ahead
from heropixel.identity.tally import Tally
from heropixel.importing.user_rows import UserRow, UserRows
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import chunks, converted
from heropixel.transfer.rejected import Rejections


class ImportedUsers(NamedTuple):
    """The outcomes of the rows of a file."""

    created: int
    updated: int
    merged: int  # the row made one of users who were known before
    unchanged: int
    repeated: int  # rows of people whom an earlier row of the file has named; they are counted above, too
    conflicts: int  # rows with an identifier that is shared, or another user's; they are counted above, too
    erased: int  # people who were erased with a tombstone and must not be learned again
    rejections: Rejections


def import_users(
    path: Path,
    directory: Directory,
    index: Index,
    app: int,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
    max_joined: int = MAX_JOINED,
    texts: Collection[str] = (),
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> ImportedUsers:
    """Import a file. `progress` gets the position and the total. Importing the same file again changes nothing.

    The cells of CSV in the columns `texts` stay texts; `*` stands for every column. `chosen` says by column what it
    holds: an identifier, or a trait. The others are recognised by their usual names.

    Raises:
        FileUnusable: the file cannot be read to its end; what was imported before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was imported before stays.
    """
    tally = Tally()
    # SQLite writes a chunk without the interpreter lock. Meanwhile the next chunk is read and hashed.
    with open_rows(path) as source, RejectedRows(source) as rejected, ThreadPoolExecutor(1) as writer:
        rows_of_file = converted(source, rejected, UserRows(source, rejected, texts, chosen).read)
        writing: Future[list[Identified]] | None = None
        for rows in chunks(rows_of_file, directory.rows_at_once):
            chunk = _Chunk(rows)
            batch = ToIdentify.of(app, chunk.persons, index, MergeOrigin.IMPORT, clock(), max_joined)
            if writing:
                tally.add(writing.result())
            writing = identify_ahead(directory, batch, writer, chunk.finish)
            progress(source.position, source.total)
        if writing:
            tally.add(writing.result())
        progress(source.total, source.total)
    results = tally.results
    return ImportedUsers(
        results[Result.CREATED],
        results[Result.UPDATED],
        results[Result.MERGED],
        results[Result.UNCHANGED],
        tally.repeated,
        tally.conflicts,
        results[Result.ERASED],
        rejected.rejections(),
    )


class _Chunk:
    """Rows that are imported in one transaction."""

    def __init__(self, rows: Sequence[UserRow]) -> None:
        self._rows = rows
        self.persons = [person for row in rows for person in row.persons]

    def finish(self, connection: Connection, identified: Sequence[Identified]) -> list[Identified]:
        """Note what an export knows of each user's past. Returns what became of the first person of each row."""
        first = 0
        of_rows: list[Identified] = []
        pasts: list[Past] = []
        for row in self._rows:
            of_row = identified[first]
            first += len(row.persons)
            of_rows.append(of_row)
            if row.first_seen is not None and of_row.user is not None:
                pasts.append((of_row.user.id, row.first_seen, row.learned and of_row.result is Result.CREATED))
        note_pasts(connection, pasts)
        return of_rows
