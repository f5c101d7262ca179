"""Everything that the directory keeps of a person, table by table: the answer to a person who asks for it.

It is what `forget` would erase, column by column. Instants are as the API writes them, keyed hashes are hexadecimal.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, LargeBinary, Table, or_, select

from heropixel.directory.merges import members_of
from heropixel.directory.tables import (
    contacts,
    identifiers,
    links,
    merges,
    pairs,
    suppressed,
    suppressions,
    unlinks,
    unreliable,
    users,
)
from heropixel.directory.users import User
from heropixel.identity.find import keys_of_people
from heropixel.identity.identifiers import Index
from heropixel.values import camel, date_time

# Columns of the tables that are a JSON text, and instants in Unix milliseconds.
_JSON: Final = {"traits", "gained", "users", "removed"}
_INSTANTS: Final = ("_at", "_until")


def whole_person(connection: Connection, app: int, index: Index, person: User) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table that are a person's, without those of other people, each column under its name."""
    members = members_of(connection, person.id)
    keys = keys_of_people(connection, app, index, [person.id])[person.id]
    related = keys | _named_with(connection, keys)
    return {
        camel(table.name): [_shown(table, row) for row in connection.execute(select(table).where(where)).mappings()]
        for table, where in _theirs(members, keys, related).items()
    }


def _theirs(members: Sequence[int], keys: Collection[bytes], related: Collection[bytes]) -> Mapping[Table, Any]:
    """The tables that have something of a person, and which rows are theirs."""
    of_keys = select(suppressed.c.suppression).where(suppressed.c.key.in_(keys))
    return {
        users: users.c.id.in_(members),
        contacts: contacts.c.user_id.in_(members),
        identifiers: _among(identifiers.c.key, related) & identifiers.c.user_id.in_([*members, 0]),
        pairs: _among(pairs.c.key, related),
        unreliable: _among(unreliable.c.key, related),
        merges: or_(merges.c.one.in_(members), merges.c.other.in_(members)),
        suppressions: suppressions.c.id.in_(of_keys),
        suppressed: _among(suppressed.c.key, keys),
        links: links.c.user_id.in_(members),
        unlinks: unlinks.c.person.in_(members),
    }


def _among(column: ColumnElement[bytes], keys: Collection[bytes]) -> ColumnElement[bool]:
    return column.in_(sorted(keys))


def _named_with(connection: Connection, keys: Collection[bytes]) -> set[bytes]:
    """The identifiers that were named together with these: a number that several people share is nobody's."""
    return set(connection.execute(select(pairs.c.other).where(_among(pairs.c.key, keys))).scalars())


def _shown(table: Table, row: Mapping[Any, Any]) -> dict[str, Any]:
    return dict(_columns(table, row))


def _columns(table: Table, row: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        value = row[column.name]
        if value is None:
            pass
        elif isinstance(column.type, LargeBinary):
            value = bytes(value).hex()
        elif column.name in _JSON:
            value = msgspec.json.decode(value)
        elif column.name.endswith(_INSTANTS) and 0 < value < _YEAR_10000:
            value = date_time(value)
        yield camel(column.name), value


_YEAR_10000 = 253_402_300_800_000  # suppressed for ever is a larger number
