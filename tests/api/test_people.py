"""A page of people costs a fixed number of statements, for any fields and any number of people."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from heropixel.api.callers import Callers
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.limits import Limits
from heropixel.api.operations import Operations
from heropixel.api.schema import load_schema
from heropixel.directory import Directory, open_directory
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.events import Events, EventsThread
from heropixel.events.asking import AskingHere
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import Person
from tests.api.parts import resolvers
from tests.world import make_first_world

INDEX = Index(b"k" * 32)
NOW = 1_800_000_000_000  # Unix milliseconds
PEOPLE = 120

DEAR = "emails phones lastSeen firstPageview pageviewCount sessionCount pixels { id domains }"


class Counted(Events):
    """The event store, and what it was asked."""

    asked = 0

    def ask(self, question: str, **parameters: Any) -> Any:
        Counted.asked += 1
        return super().ask(question, **parameters)


class Place:
    """A hundred people and more, seen on a pixel, and an API that asks for them."""

    def __init__(self, folder: Path) -> None:
        world = make_first_world(folder / "data")
        self.directory = open_directory(world.settings.url_of_directory())
        self.registry = Registry(self.directory)
        self.app = self.registry.apps[world.app_id].number
        self.url = world.settings.url_of_events()
        self._tell(self.directory)
        self._see(world.pixel)
        self.thread = DirectoryThread(self.directory.another())
        self.events = EventsThread(lambda: Counted(self.url))
        people = resolvers(
            registry=self.registry,
            directory=self.thread,
            searching=self.thread,
            asking=AskingHere(self.events),
            clock=lambda: NOW,
            index=INDEX,
            max_page=PEOPLE,
        )
        self.context = Context(Callers(self.registry, lambda: NOW), Credentials(world.app_id, world.secret))
        self.operations = Operations(load_schema(people), Limits(1000, 10, 10, 10, 100), 100)

    def _tell(self, directory: Directory) -> None:
        persons = [
            Person(Claims.parse(email=f"{n}@example.com", phone=f"+1415555{n:04}"), {}, (f"{n}@work.example",))
            for n in range(PEOPLE)
        ]
        told = ToIdentify.of(self.app, persons, INDEX, MergeOrigin.API, NOW)
        self.ids = [each.user.id for each in identify_many(directory, told) if each.user]

    def _see(self, pixel: int) -> None:
        events = Events(self.url)
        rows = [
            {
                "app": self.app,
                "pixel_id": pixel,
                "timestamp": str(NOW + number * 1000),
                "received": str(NOW),
                "event_id": str(number),
                "domain": "example.com",
                "resolution": "FOUND",
                "user_id": user,
                "visitor_id": f"v-{number}",
                "journal_position": number,
            }
            for number, user in enumerate(self.ids)
        ]
        events.insert(b"\n".join(json.dumps(row).encode() for row in rows), "t")
        events.close()

    async def ask(self, query: str) -> tuple[Any, int, int]:
        """The answer, the number of statements of the directory, and the number of queries of the event store."""
        statements = Counted.asked = 0

        def note(*_: Any) -> None:
            nonlocal statements
            statements += 1

        engine = self.directory.connection.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            response = await self.operations.run(query, {}, None, self.context)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert "errors" not in response.body, response.body
        (answer,) = response.body["data"].values()
        return answer, statements, Counted.asked

    def close(self) -> None:
        self.events.close()
        self.thread.close()
        self.directory.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("people"))
    yield place
    place.close()


@pytest.mark.parametrize("size", [1, 10, 100])
@pytest.mark.parametrize(
    ("fields", "statements", "questions"),
    [
        ("nodes { id traits }", 3, 0),
        ("nodes { id emails lastSeen }", 3, 1),
        ("nodes { id sessionCount }", 3, 1),
        ("edges { node { pixels { name } } }", 5, 1),
        ("nodes { id firstSource { source channel at } }", 3, 2),
        (f"totalCount nodes {{ {DEAR} }}", 6, 2),
    ],
)
async def test_a_page_costs_a_fixed_number_of_statements(
    place: Place, size: int, fields: str, statements: int, questions: int
) -> None:
    await place.ask("{ users(first: 1) { nodes { lastSeen } } }")  # the connections are open
    answer, *cost = await place.ask(f"{{ users(first: {size}) {{ code {fields} }} }}")
    assert answer["code"] == 200
    assert len(answer.get("nodes") or answer["edges"]) == size
    assert cost == [statements, questions]


async def test_every_person_on_a_page_has_their_own_data(place: Place) -> None:
    answer, *_ = await place.ask(f"{{ users(first: 100) {{ totalCount nodes {{ id {DEAR} }} }} }}")
    assert answer["totalCount"] == PEOPLE
    for number, node in enumerate(answer["nodes"]):
        assert node["emails"] == [f"{number}@example.com", f"{number}@work.example"]
        assert (node["pageviewCount"], node["sessionCount"], len(node["pixels"])) == (1, 1, 1)
        assert node["lastSeen"] == node["firstPageview"] is not None


_FRAGMENTS = {
    "Seen": "fragment Seen on Profile { id lastSeen }",
    "Page": "fragment Page on UsersResponse { nodes { ...Seen } }",
}


@pytest.mark.parametrize(
    ("selection", "names", "questions"),
    [
        ("nodes { lastSeen @skip(if: true) }", (), 0),
        ("nodes { lastSeen @include(if: false) }", (), 0),
        ("nodes { ...on Profile { lastSeen @include(if: true) @skip(if: false) } }", (), 1),
        ("nodes { ...Seen } edges { node { ...Seen } }", ("Seen",), 1),
        ("...Page @skip(if: true)", ("Page", "Seen"), 0),
        ("...Page", ("Page", "Seen"), 1),
    ],
)
async def test_only_what_is_selected_is_asked_for(
    place: Place, selection: str, names: tuple[str, ...], questions: int
) -> None:
    used = [_FRAGMENTS[name] for name in names]
    answer, _, asked = await place.ask(f"{{ users(first: 5) {{ code {selection} }} }} {' '.join(used)}")
    assert (answer["code"], asked) == (200, questions)


async def test_one_user_costs_a_fixed_number_of_statements_too(place: Place) -> None:
    first, *cost = await place.ask(
        f'{{ user(by: {{ email: "1@work.example" }}) {{ code user {{ {DEAR} }} merges {{ id }} }} }}'
    )
    assert (first["code"], len(first["merges"])) == (200, 1)
    assert cost[1] == 2
    assert cost[0] <= 9
