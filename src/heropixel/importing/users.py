"""`users import`: the rows of a file become users, in batches. Bad rows are written beside the file."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from heropixel.directory import Directory
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import MAX_JOINED, MergeOrigin, Result, ToIdentify, identify_ahead
from heropixel.identity.person import Person
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import Columns, Split, UnusableRow, check_columns, chunks, claims_of, converted
from heropixel.transfer.rejected import Rejections

# Each chunk is one transaction. Pageviews that learn a user wait for it, up to two seconds. Smaller chunks write the
# same pages of the index again and again (benchmarks, imports).
CHUNK = 40_000

_IDENTIFIERS = {
    "external_id": "external_id",
    "externalid": "external_id",
    **{name: name for name in ("email", "md5", "sha1", "sha256", "phone")},
}


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
) -> ImportedUsers:
    """Import a file. `progress` gets the position and the total. Importing the same file again changes nothing.

    Raises:
        FileUnusable: the file cannot be read to its end; what was imported before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was imported before stays.
    """
    results: Counter[Result] = Counter()
    # SQLite writes a chunk without the interpreter lock. Meanwhile the next chunk is read and hashed.
    with open_rows(path) as source, RejectedRows(source) as rejected, ThreadPoolExecutor(1) as writer:
        check_columns(path, source.columns, _IDENTIFIERS)
        columns = Columns(_IDENTIFIERS, source.exact)
        persons_of_file = converted(source, rejected, lambda row: person_of(columns.split(row)))
        writing: Future[list[Result]] | None = None
        for persons in chunks(persons_of_file, CHUNK):
            batch = ToIdentify.of(app, persons, index, MergeOrigin.IMPORT, clock(), max_joined)
            if writing:
                results.update(writing.result())
            writing = identify_ahead(directory, batch, writer)
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
    """The person of a row: their identifiers, and every other cell as a trait.

    Raises:
        Refusal: an identifier is not valid.
        UnusableRow: the row has no identifier.
    """
    claims = claims_of(split.naming)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(sorted(set(_IDENTIFIERS.values())))} is given")
    return Person(claims, split.others)
