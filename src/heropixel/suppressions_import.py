"""`suppressions import`: the rows of a file are suppressed, many at a time; a bad row is written beside the file."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from heropixel.directory import Directory
from heropixel.errors import InvalidExpiry
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.suppress import Contact, Outcome, expiry, suppress_many
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import Columns, Split, UnusableRow, check_columns, chunks, converted

# Each chunk is one transaction, which learning pageviews wait for.
CHUNK = 10_000

_CONTACTS = {name: name for name in ("email", "md5", "sha1", "sha256", "phone")}


class Imported(NamedTuple):
    """What became of the rows of a file."""

    suppressed: int
    already_suppressed: int
    rejected: int
    reasons: dict[str, int]  # how often each reason for rejecting was given
    rejected_file: Path | None


def import_suppressions(
    path: Path,
    directory: Directory,
    index: Index,
    app: int,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
) -> Imported:
    """Suppress the contacts of a file. `progress` is told how much of how much has been read.

    Columns: email, md5, sha1, sha256, phone; reason; expires_at. Any other is not looked at.

    Raises:
        FileUnusable: the file cannot be read as a whole; what was suppressed before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was suppressed before stays.
    """
    outcomes: Counter[Outcome] = Counter()
    with open_rows(path) as source, RejectedRows(source) as rejected:
        check_columns(path, source.columns, _CONTACTS)
        columns = Columns(_CONTACTS)
        contacts = converted(source, rejected, lambda row: contact_of(columns.split(row), clock()))
        for some in chunks(contacts, CHUNK):
            with directory.writing() as connection:
                outcomes.update(suppress_many(connection, app, index, some, clock()))
            progress(source.position, source.total)
        progress(source.total, source.total)
    return Imported(
        outcomes[Outcome.SUCCESS],
        outcomes[Outcome.ALREADY_SUPPRESSED],
        rejected.count.total(),
        dict(rejected.count),
        rejected.path if rejected.count else None,
    )


def contact_of(split: Split, now: int) -> Contact:
    """The contact that a row stands for.

    Raises:
        Refusal: a cell is not what it should be.
        UnusableRow: it names nobody.
    """
    claims = Claims.parse(**split.naming)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(_CONTACTS)} is given")
    cells = {name.strip().lower(): value for name, value in split.others.items()}
    return Contact.of(claims, str(cells.get("reason", "")), expiry_of_cell(cells.get("expires_at"), now))


def expiry_of_cell(value: Any, now: int) -> int | None:  # noqa: ANN401 - any cell
    """As `expiry`, and from a date or an instant of ISO 8601 too, which spreadsheets write.

    Raises:
        InvalidExpiry: it is no instant, or one that has passed.
    """
    if isinstance(value, str) and "-" in value:
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidExpiry from None
        return expiry((instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp(), now)
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise InvalidExpiry
    return expiry(value, now)
