"""A group of pageviews costs PostgreSQL the same statements, whatever its size: the server's log lists them."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import pytest

from heropixel.directory import open_directory
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.journal import Journal, open_journal
from heropixel.journal.postgres_link import DirectorysConnection
from heropixel.recording.writing import Submission, write
from tests.identity.resolving import INDEX, NOW, Place, digest, new_app
from tests.postgres.clocks import ClockedDatabase
from tests.postgres.server import PostgresServer
from tests.session.directories import NewUrl

SIZES = (1, 10, 200)
SENT = re.compile(r"LOG:  (?:statement|execute [^:]+): (.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", re.DOTALL)


class Writing(NamedTuple):
    """What a writer has, and the server that logs its statements."""

    place: Place
    journal: Journal
    server: PostgresServer

    def new_people(self, size: int) -> list[Lookup]:
        names = (f"{size}-{n}" for n in range(size))
        return [self.place.question(email=f"{name}@example.com", visitor_id=name) for name in names]

    def known_people(self, size: int) -> list[Lookup]:
        return [self.place.question(md5=digest("md5", f"{size}-{n}@example.com")) for n in range(size)]

    def statements(self, questions: list[Lookup], event_ids: str = "") -> list[str]:
        """What a group sends to the server. `event_ids`: each pageview has one, which begins so."""
        ids = [f"{event_ids}{n}".encode() if event_ids else b"" for n in range(len(questions))]
        group = [
            Submission(question, 1, b'{"pixel_id":1}', event_id, b"", live=False)
            for question, event_id in zip(questions, ids, strict=True)
        ]
        log = self.server.folder / "log"
        before = len(log.read_bytes())
        self.journal.together(lambda: write(group, self.place.resolver, self.journal, NOW))
        sent = [" ".join(statement.split()) for statement in SENT.findall(log.read_bytes()[before:].decode())]
        # Five times a second the writer looks for standbys before a group.
        return sent[next(place for place, statement in enumerate(sent) if statement.startswith("BEGIN")) :]


@pytest.fixture
def writing(new_directory_database: NewUrl, postgres: PostgresServer) -> Iterator[Writing]:
    with new_directory_database() as url:
        database = ClockedDatabase(url)
        database.set_clock(NOW)  # at the turn of an hour a group asks for more
        with (
            closing(open_directory(database.url)) as directory,
            closing(open_journal("postgresql:///", "node", DirectorysConnection(directory))) as journal,
        ):
            yield Writing(Place(directory, Resolver(directory, INDEX), new_app(directory)), journal, postgres)


def test_a_group_of_pageviews_takes_the_same_statements_whatever_its_size(writing: Writing) -> None:
    writing.journal.append(b"{}\n", {}, NOW)  # claims a sub-journal, and makes partitions
    writing.place.directory.connection.exec_driver_sql("SET log_statement = 'all'")
    finding = [writing.statements(writing.known_people(size)) for size in SIZES]
    with_ids = [writing.statements(writing.known_people(size), f"known-{size}-") for size in SIZES]
    learning = [writing.statements(writing.new_people(size), f"new-{size}-") for size in SIZES]
    found = writing.statements(writing.known_people(SIZES[-1]))
    for groups in (finding, with_ids, learning, [found, finding[0]]):
        assert [group == groups[0] for group in groups] == [True] * len(groups)
    # BEGIN, the lock of the sub-journal, who they are, what appends, COMMIT; and the receipts of event ids.
    assert (len(found), len(with_ids[0])) == (5, 6)
