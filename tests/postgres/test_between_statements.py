"""PostgreSQL ends a transaction that asks for nothing for five seconds. So no work between two statements may be long.

How long it takes depends on the machine, so it is not measured here, but counted.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event

from heropixel.directory import Directory, open_directory
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from heropixel.identity.suppress import Contact, suppress_many, unsuppress_many
from heropixel.importing.users import import_users
from tests.identity.resolving import INDEX, NOW, new_app
from tests.session.directories import NewUrl

MANY = 7_000  # people of a file, or of a call where an operator allows so many
MOST = 300_000  # calls of functions between two statements: they take a tenth of a second on a machine that is idle


class Crowd(NamedTuple):
    """An app without people, and a folder for files."""

    directory: Directory
    app: int
    folder: Path


@pytest.fixture(scope="module")
def directory(new_directory_database: NewUrl) -> Iterator[Directory]:
    with new_directory_database() as url, closing(open_directory(url)) as directory:
        yield directory


class Longest:
    """The most calls between two statements of a transaction."""

    def __init__(self) -> None:
        self.calls = 0
        self._now = 0
        self._at_last = 0
        self._in_transaction = False

    def count(self, _frame: FrameType, what: str, _of: Any) -> None:
        self._now += what.endswith("call")

    def executed(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if self._in_transaction:
            self.calls = max(self.calls, self._now - self._at_last)
        self._in_transaction = not statement.startswith(("COMMIT", "ROLLBACK"))
        self._at_last = self._now


@contextmanager
def looking(directory: Directory) -> Iterator[Longest]:
    """Count while it is entered, also in threads that begin."""
    found, engine = Longest(), directory.connection.engine
    event.listen(engine, "after_cursor_execute", found.executed)
    threading.setprofile(found.count)
    sys.setprofile(found.count)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        event.remove(engine, "after_cursor_execute", found.executed)


def importing(crowd: Crowd) -> None:
    file = crowd.folder / "emails.csv"
    file.write_text("email\n" + "".join(f"{number}@example.com\n" for number in range(MANY)))
    import_users(file, crowd.directory, INDEX, crowd.app, lambda: NOW, lambda _done, _of: None)


def identifying(crowd: Crowd) -> None:
    persons = [Person(Claims(email=f"{number}@example.com"), {}) for number in range(MANY)]
    identify_many(crowd.directory, ToIdentify.of(crowd.app, persons, INDEX, MergeOrigin.API, NOW))


def suppressing(crowd: Crowd) -> None:
    with crowd.directory.writing() as connection:
        suppress_many(connection, crowd.app, INDEX, CONTACTS, NOW)


def lifting(crowd: Crowd) -> None:
    with crowd.directory.writing() as connection:
        unsuppress_many(connection, crowd.app, INDEX, CONTACTS, NOW)


# Of few people, so that little is written.
CONTACTS = [Contact(Claims(email=f"{number % 10}@example.com"), "", None) for number in range(MANY)]


@pytest.mark.parametrize("work", [importing, identifying, suppressing, lifting])
def test_no_work_on_many_people_is_long_between_two_statements(
    directory: Directory, tmp_path: Path, work: Callable[[Crowd], None]
) -> None:
    crowd = Crowd(directory, new_app(directory), tmp_path)
    with looking(directory) as found:
        work(crowd)
    assert MOST / 10 < found.calls < MOST
