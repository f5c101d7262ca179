"""`users import`: the rows of a file become users, many at a time; what cannot be one is written beside the file."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from heropixel.directory import Directory
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import MAX_JOINED, MergeOrigin, Result, Told, identify_ahead
from heropixel.identity.person import Person
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import Columns, Split, UnusableRow, check_columns, chunks, converted
from heropixel.transfer.rejected import Rejections

# Each chunk is one transaction, which learning pageviews wait for (up to two seconds); smaller ones write the same
# pages of the index over and over (benchmarks, imports).
CHUNK = 40_000

_IDENTIFIERS = {
    "external_id": "external_id",
    "externalid": "external_id",
    **{name: name for name in ("email", "md5", "sha1", "sha256", "phone")},
}


class ImportedUsers(NamedTuple):
    """What became of the rows of a file."""

    created: int
    updated: int
    unchanged: int
    erased: int  # people who were erased and are not to be known again
    rejections: Rejections


def import_users(
    path: Path,
    directory: Directory,
    index: Index,
    app: int,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
    max_joined: int = MAX_JOINED,
) -> ImportedUsers:
    """Import a file. `progress` is told how much of how much has been read. The same file again changes nothing.

    Raises:
        FileUnusable: the file cannot be read as a whole; what was imported before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was imported before stays.
    """
    results: Counter[Result] = Counter()
    # While SQLite writes a chunk, without the interpreter lock, the next is read and hashed.
    with open_rows(path) as source, RejectedRows(source) as rejected, ThreadPoolExecutor(1) as writer:
        check_columns(path, source.columns, _IDENTIFIERS)
        columns = Columns(_IDENTIFIERS)
        persons_of_file = converted(source, rejected, lambda row: person_of(columns.split(row)))
        writing: Future[list[Result]] | None = None
        for persons in chunks(persons_of_file, CHUNK):
            told = Told.of(app, persons, index, MergeOrigin.IMPORT, clock(), max_joined)
            if writing:
                results.update(writing.result())
            writing = identify_ahead(directory, told, writer)
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


def person_of(split: Split) -> Person:
    """The person that a row stands for: her identifiers, and any other cell as a trait.

    Raises:
        Refusal: an identifier is not what it should be.
        UnusableRow: it names nobody.
    """
    claims = Claims.parse(**split.naming)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(sorted(set(_IDENTIFIERS.values())))} is given")
    return Person(claims, split.others)
