"""`users import`: the rows of a file become users, many at a time; what cannot be one is written beside the file."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from heropixel.directory import Directory
from heropixel.errors import FileUnusable, Refusal
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import Origin, Result, Told, identify_ahead
from heropixel.identity.person import Person
from heropixel.transfer import BadRow, RejectedRows, Row, Source, open_rows

# Each chunk is one transaction, which learning pageviews wait for (up to two seconds); smaller ones write the same
# pages of the index over and over (benchmarks, imports).
CHUNK = 40_000

_IDENTIFIERS = {
    "external_id": "external_id",
    "externalid": "external_id",
    **{name: name for name in ("email", "md5", "sha1", "sha256", "phone")},
}


class Imported(NamedTuple):
    """What became of the rows of a file."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    reasons: dict[str, int]  # how often each reason for rejecting was given
    rejected_file: Path | None


def import_users(
    path: Path,
    directory: Directory,
    index: Index,
    app: int,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
) -> Imported:
    """Import a file. `progress` is told how much of how much has been read. The same file again changes nothing.

    Raises:
        FileUnusable: the file cannot be read as a whole; what was imported before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was imported before stays.
    """
    results: Counter[Result] = Counter()
    # While SQLite writes a chunk, without the interpreter lock, the next is read and hashed.
    with open_rows(path) as source, RejectedRows(source) as rejected, ThreadPoolExecutor(1) as writer:
        _check_columns(path, source.columns)
        writing: Future[list[Result]] | None = None
        for persons in _chunks(_persons(source, rejected), CHUNK):
            told = Told.of(app, persons, index, Origin.IMPORT, clock())
            if writing:
                results.update(writing.result())
            writing = identify_ahead(directory, told, writer)
            progress(source.position, source.total)
        if writing:
            results.update(writing.result())
        progress(source.total, source.total)
    return Imported(
        results[Result.CREATED],
        results[Result.UPDATED],
        results[Result.UNCHANGED],
        rejected.count.total(),
        dict(rejected.count),
        rejected.path if rejected.count else None,
    )


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    """Refuse a file whose columns name nobody, or name somebody twice; JSON Lines has no columns."""
    named = Counter(identifier for name in columns if (identifier := _IDENTIFIERS.get(name.strip().lower())))
    if columns and not named:
        known = ", ".join(sorted(set(_IDENTIFIERS.values())))
        raise FileUnusable(path=path, why=f"none of its columns ({', '.join(columns)[:200]}) is one of {known}")
    for identifier, count in named.items():
        if count > 1:
            raise FileUnusable(path=path, why=f"{count} of its columns are {identifier}")


def _persons(source: Source, rejected: RejectedRows) -> Iterator[Person]:
    columns: dict[str, str] = {}
    for row in source:
        if isinstance(row, Row) and all(value in (None, "") for value in row.values.values()):
            continue  # as spreadsheets leave below their last row
        if isinstance(row, BadRow):
            rejected.add(row, row.why)
            continue
        try:
            yield to_person(row, columns)
        except Refusal as refusal:
            rejected.add(row, refusal.message)
        except UnusableRow as unusable:
            rejected.add(row, str(unusable))


class UnusableRow(ValueError):  # noqa: N818 - named as what it is
    """A row that is no person."""


def to_person(row: Row, columns: dict[str, str]) -> Person:
    """A row as a person: the columns of identifiers, and any other as a trait. Empty cells are not given.

    `columns` remembers what each column's name means, from row to row.

    Raises:
        Refusal: an identifier is not what it should be.
        UnusableRow: it names nobody, or holds what is no JSON.
    """
    given: dict[str, str] = {}
    traits: dict[str, Any] = {}
    for name, value in row.values.items():
        if value is None or value == "":
            continue
        identifier = columns.get(name)
        if identifier is None:
            identifier = columns[name] = _IDENTIFIERS.get(name.strip().lower(), "")
        if identifier:
            given[identifier] = value if isinstance(value, str) else _text_of(name, value)
        else:
            traits[name] = value
    claims = Claims.parse(**given)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(sorted(set(_IDENTIFIERS.values())))} is given")
    return Person(claims, traits)


def _text_of(name: str, value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return str(int(value))  # 12.0 as well: numbers beside empty cells come as floats
    raise UnusableRow(f"{name} is neither a text nor a whole number")


def _chunks(persons: Iterator[Person], size: int) -> Iterator[Sequence[Person]]:
    chunk: list[Person] = []
    for person in persons:
        chunk.append(person)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
