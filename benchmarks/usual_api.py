"""The mutation `pageview` by the usual means: FastAPI, Strawberry and asyncpg, as a good engineer writes it.

A node on PostgreSQL is measured beside it. `usual_server` fills its database and starts it. It takes the requests of a
node, and gives the answers of a node: the pageview is on the disk then.

It does less than a node. Nobody is learned, linked or suppressed. No pageview is recognised by its event id. Nothing is
derived from a pageview, and nothing is loaded into another store.
"""

import hashlib
import hmac
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import asyncpg
import strawberry
from fastapi import FastAPI
from fastapi.requests import HTTPConnection
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.scalars import JSON

_CONNECTIONS: Final = 10  # of each worker: the default of asyncpg
_KEPT: Final = 60.0  # seconds that an app is remembered

_APP: Final = """
    SELECT secret_sha256, array_agg(p.id) AS pixels FROM apps a JOIN pixels p ON p.app_id = a.id
    WHERE a.id = $1 GROUP BY a.id
"""
_USER: Final = """
    SELECT u.id, u.traits FROM contacts c JOIN users u ON u.id = c.user_id
    WHERE c.app_id = $1 AND c.hash = ANY ($2::bytea[]) LIMIT 1
"""
_RECORD: Final = "INSERT INTO pageviews (pixel_id, user_id, visitor_id, url, domain) VALUES ($1, $2, $3, $4, $5)"


class App(NamedTuple):
    """An app as the database has it."""

    secret: bytes  # its SHA-256
    pixels: frozenset[int]
    until: float  # when it is read again, by the monotonic clock


class Database:
    """The connections of a worker, and the apps that it remembers."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        self._pool = pool
        self._apps: dict[str, App] = {}

    async def app(self, app_id: str) -> App | None:
        """The app of this id."""
        app = self._apps.get(app_id)
        if app is None or app.until < time.monotonic():
            found = await self._pool.fetchrow(_APP, app_id)
            if found is None:
                return None
            app = App(found["secret_sha256"], frozenset(found["pixels"]), time.monotonic() + _KEPT)
            self._apps[app_id] = app
        return app

    async def record(self, app_id: str, event: "PageviewEventInput") -> Any:  # noqa: ANN401 - a row, or None
        """Store a pageview. Returns its user."""
        hashes = event.hashes()
        async with self._pool.acquire() as connection:
            user = await connection.fetchrow(_USER, app_id, hashes) if hashes else None
            # No transaction around both: the second statement is one.
            user_id = user["id"] if user else None
            await connection.execute(_RECORD, event.pixel_id, user_id, event.visitor_id, event.url, event.domain)
        return user


@strawberry.input
class AuthInput:
    app_id: str
    app_secret: str


@strawberry.input
class PageviewEventInput:
    pixel_id: int
    domain: str | None = None
    url: str | None = None
    visitor_id: str | None = None
    email: str | None = None
    phone: str | None = None
    sha256: str | None = None
    sha1: str | None = None
    md5: str | None = None

    def hashes(self) -> list[bytes]:
        """By what its user is looked up."""
        given = [bytes.fromhex(digest) for digest in (self.sha256, self.sha1, self.md5) if digest]
        contacts = [self.email.strip().lower()] if self.email else []
        contacts += ["".join(filter(str.isdigit, self.phone))] if self.phone else []
        return [*given, *(hashlib.sha256(contact.encode()).digest() for contact in contacts)]


@strawberry.type
class PageviewAnswer:
    message: str
    code: int = 200
    data: JSON | None = None


@strawberry.type
class Query:
    """A schema needs a query."""

    @strawberry.field
    def ready(self) -> bool:
        return True


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def pageview(self, info: strawberry.Info, auth: AuthInput, event: PageviewEventInput) -> PageviewAnswer:
        database: Database = info.context["database"]
        app = await database.app(auth.app_id)
        secret = hashlib.sha256(auth.app_secret.encode()).digest()
        if app is None or not hmac.compare_digest(secret, app.secret):
            return PageviewAnswer(message="Invalid credentials", code=401)
        if event.pixel_id not in app.pixels:
            return PageviewAnswer(message="Pixel not found", code=404)
        user = await database.record(auth.app_id, event)
        if user is None:
            return PageviewAnswer(message="User Not Found", data=JSON({}))
        return PageviewAnswer(message="User Found", data=user["traits"])


async def _prepare(connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def _keep(_connection: Any) -> None:  # noqa: ANN401 - asyncpg has no types
    """Leave a connection as it is: nothing was set on it. By default a round trip resets it each time."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    how = {"min_size": _CONNECTIONS, "max_size": _CONNECTIONS, "init": _prepare, "reset": _keep}
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], **how) as pool:
        app.state.database = Database(pool)
        yield


async def _context(connection: HTTPConnection) -> dict[str, object]:
    """What resolvers need. It is async: FastAPI runs anything else on a thread."""
    return {"database": connection.app.state.database}


_schema = strawberry.Schema(Query, Mutation, extensions=[ParserCache, ValidationCache])
app = FastAPI(lifespan=_lifespan)
app.include_router(GraphQLRouter(_schema, context_getter=_context), prefix="/graphql")
