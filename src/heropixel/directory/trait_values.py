"""The values of one trait of all people of an app, as texts: reports show them in rows, and filter by them.

Of 100,000 people it takes 0.3 s of processor time. The texts are made by the database, and no object for each person.
"""

from collections.abc import Iterator
from functools import cache

import msgspec
from sqlalchemy import Connection, text

from heropixel.directory.dialects import Dialect, dialect_of
from heropixel.directory.tables import APP_SHIFT

MAX_TEXT = 512  # characters of a value; a longer one is cut

_AT_ONCE = 10_000  # people


def trait_values(connection: Connection, app: int, name: str) -> Iterator[bytes]:
    """JSON Lines with `person` and `value`, for everybody who has the trait.

    Whole numbers have no decimal point, so that 12 and 12.0 are one value. A list or an object is its JSON.
    """
    found = connection.execute(
        text(_values(dialect_of(connection))),
        {
            "first": app << APP_SHIFT,
            "last": (app + 1 << APP_SHIFT) - 1,
            "name": name,
            "hint": msgspec.json.encode(name).decode() + ":",
            "most": MAX_TEXT,
        },
    )
    for some in found.scalars().partitions(_AT_ONCE):
        yield "\n".join(some).encode()


# With the hint the database parses the JSON of few rows only.
@cache
def _values(sql: Dialect) -> str:
    number = sql.number("t")
    value = f"""substr(CASE
        WHEN t.type IN ('true', 'false') THEN t.type
        WHEN t.type = 'real' AND abs({number}) < 9007199254740992 AND {number} = {sql.whole(number)}
            THEN CAST({sql.whole(number)} AS TEXT)
        ELSE CAST(t.value AS TEXT) END, 1, CAST(:most AS INTEGER))"""
    return f"""
        SELECT {sql.object(person="u.id", value=value)}
        FROM users u CROSS JOIN {sql.members("u.traits", "t")}
        WHERE u.id BETWEEN :first AND :last AND u.merged_into IS NULL
            AND {sql.contains("u.traits", ":hint")} AND t.key = :name AND t.type != 'null'
    """  # noqa: S608 - constants
