"""A directory of which pageviews ask who somebody is."""

import hashlib
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, event, func, select, update

from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.suppressions import FOREVER
from heropixel.directory.tables import APP_SHIFT, contacts, users
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.resolve import Lookup, Resolution, Resolver

NOW = 1_800_000_000_000
INDEX = Index(b"k" * 32)


class Place(NamedTuple):
    """An app in a directory, and a resolver."""

    directory: Directory
    resolver: Resolver
    app: int

    def ask(self, **question: Any) -> Resolution:
        """Resolve one pageview. `consent` and `now` may be given too."""
        now = question.pop("now", NOW)
        (resolution,) = self.resolver.resolve([self.question(**question)], now)
        return resolution

    def question(self, **claims: Any) -> Lookup:
        consent = claims.pop("consent", None)
        return Lookup(self.app, Claims.parse(**claims), consent)

    def know(self, **claims: Any) -> int:
        """Create a user with these claims and, if given, `traits`. Returns the user's id."""
        traits = claims.pop("traits", None)
        identify_many(
            self.directory,
            ToIdentify.of(self.app, [Person(Claims.parse(**claims), traits or {})], INDEX, MergeOrigin.API, NOW),
        )
        found = self.ask(**claims).user
        assert found is not None
        return found.id

    def suppress(self, user_id: int) -> None:
        with self.directory.writing() as connection:
            connection.execute(update(users).where(users.c.id == user_id).values(suppressed_until=FOREVER))

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.directory.connection.execute(statement)]

    def count(self, table: Any) -> int:
        """How many rows of this app a table has."""
        column = table.c.id if table is users else table.c.user_id
        (row,) = self.rows(select(func.count()).where(self.has(column)))
        return int(row[0])

    def has(self, user_id: Any) -> ColumnElement[bool]:
        """The condition that a user is of this app."""
        first = self.app << APP_SHIFT
        condition: ColumnElement[bool] = user_id.between(first, first + (1 << APP_SHIFT) - 1)
        return condition

    def contacts(self) -> set[tuple[int, str, str]]:
        return {
            (user_id, kind, value)
            for user_id, kind, value in self.rows(select(contacts))
            if user_id >> APP_SHIFT == self.app
        }


def new_app(directory: Directory) -> int:
    with directory.writing() as connection:
        return app_number(connection, create_app(connection, "Test", NOW).app_id)


def digest(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode()).hexdigest()


EMAIL = "ann@example.com"


def _shape(statement: str) -> str:
    words = statement.replace("EXISTS (SELECT 1 FROM unlinks), EXISTS (SELECT 1 FROM suppressed)", "").split()
    if words[0] == "BEGIN":  # with all that belongs to it
        return "BEGIN"
    if "sought" in words:  # a table that is looked up by keys, which come first
        return f"SELECT FROM {words[words.index('sought') + 3]}"
    if words[0] == "SELECT" and "FROM" in words:
        return f"SELECT FROM {words[words.index('FROM') + 1]}"
    return " ".join(words[:3])


def list_statements(place: Place, work: Any) -> list[str]:
    """The SQL that some work sends to the database, by its verb and table."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(_shape(statement))

    engine = place.directory.connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return sent
