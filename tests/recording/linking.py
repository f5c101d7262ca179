"""The stores of a server whose visitors are linked."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heropixel.directory.apps import app_number, create_app
from heropixel.directory.merges import merges_of, unmerge
from heropixel.directory.pixels import create_pixel
from heropixel.directory.registry import Registry
from heropixel.events import Events
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.forget import ErasureRequest, forget
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person, UserSelector
from heropixel.identity.resolve import Lookup, Resolver
from heropixel.identity.suppress import ContactInput, suppress_many, unsuppress_many
from heropixel.journal import open_journal
from heropixel.recording.linking import Linking
from heropixel.recording.loader import Loader
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.writing import Submission, write
from tests.world import new_directory

INDEX = Index(b"k" * 32)
START = 1_800_000_000_000
ANN, BEN = "ann@example.com", "ben@example.com"


class Place:
    """The stores of a server. Its clock advances by a second with each step."""

    def __init__(self, folder: Path, events: Events) -> None:
        self.folder = folder
        self.events = events
        self.now = START
        self.directory = new_directory(folder)
        with self.directory.writing() as connection:
            self.app = app_number(connection, create_app(connection, "Test", now=1).app_id)
            create_pixel(connection, self.app, "one", ["example.com"], now=1)
        self.pixel = Registry(self.directory).pixels[1]
        self.resolver = Resolver(self.directory, INDEX)
        self.appender, self.journal = (
            open_journal(f"sqlite:///{folder / 'journal.sqlite3'}"),
            open_journal(f"sqlite:///{folder / 'journal.sqlite3'}"),
        )
        self.linking = Linking(self.directory.another(0.1), lambda: self.now)

    def close(self) -> None:
        for part in (self.directory, self.linking._directory, self.appender, self.journal):
            part.close()

    def api(self, **event: Any) -> None:
        self.record(from_browser=False, **event)

    def beacon(self, **event: Any) -> None:
        self.record(from_browser=True, **event)

    def record(self, *, from_browser: bool, **event: Any) -> None:
        self.now += 1000
        given = PageviewEvent(**{"pixel_id": 1, "domain": "example.com", **event})
        write(
            [Submission.of(Pageview.parse(given, self.pixel, self.now, from_browser=from_browser), live=True)],
            self.resolver,
            self.appender,
            self.now,
        )

    def identify(self, *emails: str, **claims: str) -> None:
        self.now += 1000
        first, *further = emails
        person = Person(Claims.parse(email=first, **claims), {}, tuple(further))
        identify_many(self.directory, ToIdentify.of(self.app, [person], INDEX, MergeOrigin.API, self.now))

    def suppress(self, email: str) -> None:
        with self.directory.writing() as connection:
            suppress_many(connection, self.app, INDEX, [ContactInput(email=email).contact("staff")], self.now)

    def unsuppress(self, email: str) -> None:
        with self.directory.writing() as connection:
            unsuppress_many(connection, self.app, INDEX, [ContactInput(email=email).contact()], self.now)

    def forget(self, email: str) -> None:
        with self.directory.writing() as connection:
            forget(connection, INDEX, ErasureRequest(self.app, UserSelector(email=email), False, "API", self.now))

    def unmerge(self, email: str) -> None:
        with self.directory.writing() as connection:
            (merge,) = merges_of(connection, self.user(email=email) or 0)
            unmerge(connection, merge.id, self.now)

    def loader(self, open_events: Callable[[], Events] | None = None) -> Loader:
        return Loader(self.journal, self.linking, open_events or (lambda: self.events), lambda: self.now)

    def load(self) -> None:
        self.loader().load_all()

    def user(self, **claims: str) -> int | None:
        """The id of the user of this identifier."""
        (answer,) = self.resolver.resolve([Lookup(self.app, Claims.parse(**claims), None)], self.now)
        return answer.user.id if answer.user else None

    def linked_to(self, visitor: str) -> str | None:
        """The first letter of the user that a visitor is linked to."""
        return {self.user(email=ANN): "a", self.user(email=BEN): "b", None: None}.get(self.user(visitor_id=visitor))


def sha256(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
