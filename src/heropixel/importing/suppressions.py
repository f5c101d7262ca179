"""`suppressions import`: suppresses the contacts of a file, in batches. Bad rows are written beside the file."""

from collections import Counter
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from heropixel.directory import Directory
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.suppress import Contact, ContactOutcome, expiry, suppress_many
from heropixel.importing.column_names import ColumnNames
from heropixel.nothing import NO_VALUES
from heropixel.transfer import FileRow, RejectedRows, open_rows
from heropixel.transfer.converting import Columns, Split, UnusableRow, chunks, claims_of, converted
from heropixel.transfer.rejected import Rejections

_CHUNK = 10_000  # contacts of one transaction, if the directory takes so many

_CONTACTS = ("email", "md5", "sha1", "sha256", "phone")
_OTHERS = ("reason", "expires_at")


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
    chosen: Mapping[str, str] = MappingProxyType({}),
) -> ImportedSuppressions:
    """Suppress the contacts of a file. `progress` gets the position and the total.

    Columns: email, md5, sha1, sha256, phone; reason; expires_at. Other columns are ignored. `chosen` says by column
    what it holds. The others are recognised by their usual names.

    Raises:
        FileUnusable: the file cannot be read to its end; what was suppressed before stays.
        sqlalchemy.exc.DBAPIError: the directory cannot do it; what was suppressed before stays.
    """
    outcomes: Counter[ContactOutcome] = Counter()
    with open_rows(path) as source, RejectedRows(source) as rejected:
        names = ColumnNames(_CONTACTS, chosen, _OTHERS)
        names.check(path, source.columns)
        columns = Columns(names.identifier_of, source.exact, floats_in_texts=False)

        def contacts(row: FileRow) -> list[Contact]:
            return contacts_of(columns.split(row), names, clock(), rejected)

        at_once = min(_CHUNK, directory.rows_at_once)
        for some in chunks(chain.from_iterable(converted(source, rejected, contacts)), at_once):
            with directory.writing() as connection:
                outcomes.update(suppress_many(connection, app, index, some, clock()))
            progress(source.position, source.total)
        progress(source.total, source.total)
    return ImportedSuppressions(
        outcomes[ContactOutcome.SUCCESS],
        outcomes[ContactOutcome.ALREADY_SUPPRESSED],
        rejected.rejections(),
    )


def contacts_of(split: Split, names: ColumnNames, now: int, rejected: RejectedRows) -> list[Contact]:
    """The contacts of a row: one for its first email and phone, and one for each further of these.

    Raises:
        Refusal: a cell is not valid.
        UnusableRow: the row has no contact.
    """
    claims = claims_of(split.naming, rejected)
    if claims == Claims():
        raise UnusableRow(f"none of {', '.join(_CONTACTS)} is given")
    cells = {names.renamed(name): value for name, value in split.others.items() if str(value) not in NO_VALUES}
    reason, until = str(cells.get("reason", "")), expiry(cells.get("expires_at"), now)
    further = [claims_of({cell.identifier: cell.text}, rejected) for cell in split.more]
    return [Contact.of(each, reason, until) for each in (claims, *further) if each != Claims()]
