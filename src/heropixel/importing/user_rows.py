"""A row of a file becomes a person: its identifiers, and every other cell as a trait.

The columns of `heropixel users export` are known, so that what was exported can be imported whole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from heropixel.errors import InvalidPhone, PlaceholderIdentifier
from heropixel.identity.emails import normalise_email
from heropixel.identity.identifiers import Claims, normalise_phone, parse_opaque
from heropixel.identity.person import Person
from heropixel.importing.column_names import ColumnNames
from heropixel.importing.tools.cells import instant_of
from heropixel.importing.typed import typed
from heropixel.strict_json import JsonRefused, decode
from heropixel.transfer import FileRow, Format, RejectedRows, Source
from heropixel.transfer.converting import LISTS, Columns, FurtherCell, UnusableRow, claims_of
from heropixel.troubles import FileUnusable
from heropixel.values import taken_without

_IDENTIFIERS = ("email", "external_id", "md5", "phone", "sha1", "sha256")
# By these a row of an export is recognised. Its id is the other server's, and means nothing here.
_EXPORTED = frozenset(("id", "emails", "phones", "traits", "firstSeen"))

_OF_EXPORTS = ("id", "traits", "firstSeen", "learned", "furtherExternalIds")

EVERY_COLUMN = "*"
_NONE: Mapping[str, str] = MappingProxyType({})


class UserRow(NamedTuple):
    """A row that was read. All its persons are one: there is one more for each further telephone number."""

    persons: Sequence[Person]
    first_seen: int | None = None  # Unix milliseconds
    learned: bool = False  # from pageviews alone


class UserRows:
    """Reads the rows of a file. The cells of the columns `texts` stay texts; `*` stands for every column.

    `chosen` says by column what it holds. Cells that cannot be used are counted in `rejected`.

    Raises:
        FileUnusable: no column identifies a user, or one of `texts` or of `chosen` is not there.
    """

    def __init__(
        self, source: Source, rejected: RejectedRows, texts: Collection[str] = (), chosen: Mapping[str, str] = _NONE
    ) -> None:
        names = ColumnNames((*_IDENTIFIERS, *LISTS), chosen)
        names.check(source.path, source.columns)
        self._rejected = rejected
        is_text = source.format is Format.CSV
        self._texts = {name.strip().lower() for name in texts}
        missing = self._texts - {EVERY_COLUMN} - {name.lower() for name in source.columns}
        if is_text and missing:
            raise FileUnusable(path=source.path, why=f"it has no column {', '.join(sorted(missing))} to keep as text")
        self._is_typed = not is_text or EVERY_COLUMN in self._texts
        # An export has every identifier as it is. Other programs write 12 as 12.0 in a column with empty cells.
        floats = is_text and not {*source.columns} >= _EXPORTED
        self._columns = Columns(names.identifier_of, source.exact, floats_in_texts=floats)

    def read(self, row: FileRow) -> UserRow:
        """The person of a row.

        Raises:
            Refusal: an identifier is not valid.
            UnusableRow: the row has no identifier, or a cell of an export is not what it should be.
        """
        naming, lists, cells, more = self._columns.split(row)
        emails = self._contacts("emails", lists, more, normalise_email)
        phones = self._contacts("phones", lists, more, normalise_phone)
        if row.values.keys() >= _EXPORTED:
            further = _list("furtherExternalIds", cells.get("furtherExternalIds") or [])
            own = {name: cell for name, cell in cells.items() if name not in _OF_EXPORTS}
            traits = self._traits(own) | _object(cells.get("traits") or {})
            persons = [*self._persons(naming, emails, phones, traits), *_with_ids(further, emails, phones)]
            learned = str(cells.get("learned")).lower() == "true"
            return UserRow(persons, instant_of(cells, "firstSeen", UTC), learned)
        return UserRow(self._persons(naming, emails, phones, self._traits(cells)))

    def _persons(
        self, naming: dict[str, str], emails: Sequence[str], phones: Sequence[str], traits: dict[str, Any]
    ) -> list[Person]:
        if emails and not naming.get("email"):
            naming["email"] = emails[0]
        if phones and not naming.get("phone"):
            naming["phone"] = phones[0]
        claims = claims_of(naming, self._rejected)
        if claims == Claims():
            raise UnusableRow(f"none of {', '.join(_IDENTIFIERS)} is given")
        person = Person(claims, traits, tuple(email for email in emails if email != claims.email) if emails else ())
        # With each further number goes all that names the person: a number alone might be somebody else's.
        further = [phone for phone in phones if phone != claims.phone]
        return [person, *(Person(msgspec.structs.replace(claims, phone=phone), {}) for phone in further)]

    def _contacts(
        self,
        column: str,
        lists: Mapping[str, Any],
        more: Sequence[FurtherCell],
        normalise: Callable[[str], str | None],
    ) -> Sequence[str]:
        """The further addresses or numbers of a row: in a column with a list of them, and in more columns."""
        if not lists and not more:
            return ()
        texts = _list(column, lists[column]) if column in lists else []
        texts += [cell.text for cell in more if f"{cell.identifier}s" == column]
        found: dict[str, None] = {}
        for text in texts:
            try:
                contact = normalise(text)
            except PlaceholderIdentifier:
                continue
            except InvalidPhone as refusal:
                self._rejected.remarks[taken_without(refusal.message)] += 1
                continue
            if contact:
                found[contact] = None
        return list(found)

    def _traits(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        if self._is_typed:
            return dict(cells)
        traits = {}
        for name, cell in cells.items():
            value = cell if self._texts and name.lower() in self._texts else typed(cell)
            if value is not None:
                traits[name] = value
        return traits


def _with_ids(external_ids: Sequence[str], emails: Sequence[str], phones: Sequence[str]) -> Iterator[Person]:
    """The same person once for each external id of a user who was merged."""
    email, phone = next(iter(emails), None), next(iter(phones), None)
    for text in external_ids:
        external_id = parse_opaque("furtherExternalIds", text)
        if external_id and (email or phone):
            yield Person(Claims(external_id, email=email, phone=None if email else phone), {})


def _list(column: str, value: Any) -> list[str]:  # noqa: ANN401 - any cell
    """The texts of a cell: a list, the JSON of one, or a text with commas or semicolons."""
    try:
        if isinstance(value, str):
            is_json = value.lstrip().startswith("[")
            value = decode(value.encode()) if is_json else value.replace(";", ",").split(",")
        return msgspec.convert(value, list[str])
    except (JsonRefused, msgspec.ValidationError):
        raise UnusableRow(f"{column} is not a list of texts") from None


def _object(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    try:
        found = decode(value.encode()) if isinstance(value, str) else value
    except JsonRefused:
        found = None
    if not isinstance(found, dict):
        raise UnusableRow("traits is not a JSON object")
    return found
