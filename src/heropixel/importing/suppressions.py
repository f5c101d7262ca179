"""`suppressions import`: suppresses the contacts of a file, in batches. Bad rows are written beside the file."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from heropixel.directory import Directory
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.suppress import Contact, ContactOutcome, expiry, suppress_many
from heropixel.transfer import RejectedRows, open_rows
from heropixel.transfer.converting import Columns, Split, UnusableRow, check_columns, chunks, claims_of, converted
from heropixel.transfer.rejected import Rejections

# Each chunk is one transaction. Pageviews that learn a user wait for it.
CHUNK = 10_000

_CONTACTS = {name: name for name in ("email", "md5", "sha1", "sha256", "phone")}


class ImportedSuppressions(NamedTuple):
    """The outcomes of the rows of a file."""

    suppressed: int
    already_suppressed: int
    rejections: Rejections


def import_suppressions(
    path: Path,
    directory: Directory,
    index: Index,
    app: int,
    clock: Callable[[], int],
    progress: Callable[[int, int], None],
) -> ImportedSuppressions:
    """Suppress the contacts of a file. `progress` gets the position and the total.

    Columns: email, md5, sha1, sha256, phone; reason; expires_at. Other columns are ignored.

    Raises:
        FileUnusable: the file cannot be read to its end; what was suppressed before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was suppressed before stays.
    """
    outcomes: Counter[ContactOutcome] = Counter()
    with open_rows(path) as source, RejectedRows(source) as rejected:
        check_columns(path, source.columns, _CONTACTS)
        columns = Columns(_CONTACTS, source.exact, floats_in_texts=False)
        contacts = converted(source, rejected, lambda row: contact_of(columns.split(row), clock(), rejected.left_out))
        for some in chunks(contacts, CHUNK):
            with directory.writing() as connection:
                outcomes.update(suppress_many(connection, app, index, some, clock()))
            progress(source.position, source.total)
        progress(source.total, source.total)
    return ImportedSuppressions(
        outcomes[ContactOutcome.SUCCESS],
        outcomes[ContactOutcome.ALREADY_SUPPRESSED],
        rejected.rejections(),
    )


def contact_of(split: Split, now: int, left_out: Counter[str]) -> Contact:
    """The contact of a row.

    Raises:
        Refusal: a cell is not valid.
        UnusableRow: the row has no contact.
    """
    claims = claims_of(split.naming, left_out)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(_CONTACTS)} is given")
    cells = {name.strip().lower(): value for name, value in split.others.items()}
    return Contact.of(claims, str(cells.get("reason", "")), expiry(cells.get("expires_at"), now))
