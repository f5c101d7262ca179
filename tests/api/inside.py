"""All parts of a server in the process of a test: requests pass the real door, and no process is started."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heropixel.clock import clock
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.erasures import waiting_erasures
from heropixel.directory.pixels import create_pixel
from heropixel.directory.unlinks import waiting_unlinks
from heropixel.folder import make
from heropixel.processes.door_parts import Parts
from heropixel.processes.endpoints import served
from heropixel.processes.engine import Engine
from heropixel.processes.foundation import founded
from heropixel.processes.stores import make_stores
from heropixel.processes.whole import Whole, opened_whole
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.settings import Settings
from heropixel.values import snake
from heropixel.wire.asgi import Application
from tests.event_stores import new_event_store
from tests.world import PAGEVIEW, copy_of_directory


@dataclass(frozen=True)
class ShopAtDoor:
    """An app with a pixel for example.com, and the door that it asks."""

    parts: Parts
    application: Application
    app_id: str
    secret: str
    number: int
    pixel: int

    async def ask(self, query: str, **variables: Any) -> Any:
        """The answer to a document with one field at its root."""
        body = await self.response(query, variables)
        assert "errors" not in body, body
        (answer,) = body["data"].values()
        return answer

    async def response(self, query: str, variables: dict[str, Any], cookie: str = "") -> Any:
        """The body of a response to the app, or to the member with a cookie, who is on a page of the server."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        basic = base64.b64encode(f"{self.app_id}:{self.secret}".encode())
        own_page = [(b"cookie", cookie.encode()), (b"sec-fetch-site", b"same-origin"), (b"host", b"localhost")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/graphql",
            "query_string": b"",
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                *(own_page if cookie else [(b"authorization", b"Basic " + basic)]),
            ],
            "client": ("127.0.0.1", 1),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        return json.loads(sent[-1]["body"])

    async def pageview(self, **event: Any) -> Any:
        """The answer to a pageview on example.com."""
        answer = await self.ask(PAGEVIEW, event={"pixelId": self.pixel, "domain": "example.com", **event})
        assert answer["code"] == 200, answer
        return answer

    async def identify(self, **user: Any) -> Any:
        """The answer to `identify`."""
        answer = await self.ask(
            "mutation ($user: UserInput!) { identify(user: $user) { code message user { id } merges { id } } }",
            user=user,
        )
        assert answer["code"] == 200, answer
        return answer


@dataclass(frozen=True)
class Shop(ShopAtDoor):
    """The same, where the whole server is in this process."""

    engine: Engine

    async def take_file(self, *events: dict[str, Any]) -> None:
        """Import past pageviews."""
        rows = [
            PastPageview(
                PageviewEvent(self.pixel, "example.com", **{snake(name): value for name, value in row.items()})
            )
            for row in events
        ]
        await self.engine.past.record(self.pixel, rows)

    async def settle(self) -> None:
        """Wait until the event store has followed."""
        await self.engine.backlog.drain()
        await self.engine.upkeep.work()
        directory = self.parts.directory
        while await directory.read(lambda found: bool(waiting_unlinks(found) or waiting_erasures(found))):
            await asyncio.sleep(0.01)  # it rests between two rounds
            await self.engine.upkeep.work()


@asynccontextmanager
async def opened_server(folder: Path) -> AsyncIterator[tuple[Whole, Application]]:
    """A server in this process, on a new folder."""
    make(folder)
    copy_of_directory(folder)
    new_event_store(folder)
    settings = Settings(data=folder)
    make_stores(settings)
    async with whole_server(settings) as server:
        yield server


@asynccontextmanager
async def whole_server(settings: Settings) -> AsyncIterator[tuple[Whole, Application]]:
    """A server in this process."""
    with founded(settings) as foundation:
        async with opened_whole(foundation) as whole, served(settings, whole.parts) as doors:
            yield whole, doors.application


async def new_shop(server: tuple[Whole, Application], domains: Sequence[str] = ("example.com",)) -> Shop:
    """A new app on a server: tests keep apart by it."""
    (parts, engine), application = server
    return Shop(**vars(await new_shop_at(parts, application, domains)), engine=engine)


async def new_shop_at(parts: Parts, application: Application, domains: Sequence[str] = ("example.com",)) -> ShopAtDoor:
    """A new app at a door."""

    def create(connection: Any) -> tuple[Any, int, int]:
        app = create_app(connection, "Shop", now=clock())
        number = app_number(connection, app.app_id)
        return app, number, create_pixel(connection, number, "Site", domains, now=clock())

    app, number, pixel = await parts.directory.write(create)
    parts.stores.registry.refresh()
    return ShopAtDoor(parts, application, app.app_id, app.secret, number, pixel)
