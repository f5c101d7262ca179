"""`users import`: the rows of a file become users, in batches. Bad rows are written beside the file."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.users import Past, note_pasts
from heropixel.identity.identifiers import Index
from heropixel.identity.identify import MAX_JOINED, Identified, MergeOrigin, Result, ToIdentify, identify_ahead
from heropixel.importing.user_rows import UserRow, UserRows
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import chunks, converted
from heropixel.transfer.rejected import Rejections

# Each chunk is one transaction. Pageviews that learn a user wait for it, up to two seconds. Smaller chunks write the
# same pages of the index again and again (benchmarks, imports).
CHUNK = 40_000


class ImportedUsers(NamedTuple):
    """The outcomes of the rows of a file."""

    created: int
    updated: int
    unchanged: int
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
) -> ImportedUsers:
    """Import a file. `progress` gets the position and the total. Importing the same file again changes nothing.

    The cells of CSV in the columns `texts` stay texts; `*` stands for every column.

    Raises:
        FileUnusable: the file cannot be read to its end; what was imported before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was imported before stays.
    """
    results: Counter[Result] = Counter()
    # SQLite writes a chunk without the interpreter lock. Meanwhile the next chunk is read and hashed.
    with open_rows(path) as source, RejectedRows(source) as rejected, ThreadPoolExecutor(1) as writer:
        rows_of_file = converted(source, rejected, UserRows(source, texts, rejected.left_out).read)
        writing: Future[list[Result]] | None = None
        for rows in chunks(rows_of_file, CHUNK):
            chunk = _Chunk(rows)
            batch = ToIdentify.of(app, chunk.persons, index, MergeOrigin.IMPORT, clock(), max_joined)
            if writing:
                results.update(writing.result())
            writing = identify_ahead(directory, batch, writer, chunk.finish)
            progress(source.position, source.total)
        if writing:
            results.update(writing.result())
        progress(source.total, source.total)
    return ImportedUsers(
        results[Result.CREATED],
        results[Result.UPDATED],
        results[Result.UNCHANGED],
        results[Result.ERASED],
        rejected.rejections(),
    )


class _Chunk:
    """Rows that are imported in one transaction."""

    def __init__(self, rows: Sequence[UserRow]) -> None:
        self._rows = rows
        self.persons = [person for row in rows for person in row.persons]

    def finish(self, connection: Connection, identified: Sequence[Identified]) -> list[Result]:
        """Note what an export knows of each user's past. Returns the result of each row."""
        first = 0
        results: list[Result] = []
        pasts: list[Past] = []
        for row in self._rows:
            result, user = identified[first].result, identified[first].user
            first += len(row.persons)
            results.append(result)
            if row.first_seen is not None and user is not None:
                pasts.append((user.id, row.first_seen, row.learned and result is Result.CREATED))
        note_pasts(connection, pasts)
        return results
