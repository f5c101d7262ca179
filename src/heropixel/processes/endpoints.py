"""The endpoints of a process that answers requests: what answers which path."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import NamedTuple

from starlette.requests import Request

from heropixel.api.callers import Callers
from heropixel.api.context import Contexts
from heropixel.api.endpoint import GraphQLEndpoint
from heropixel.api.limits import Limits
from heropixel.api.open_connections import OpenConnections
from heropixel.api.opened import is_opened, to_explorer
from heropixel.api.operations import Operations
from heropixel.api.schema import load_schema, sdl
from heropixel.api.shared_documents import SharedDocuments
from heropixel.api.websocket import SocketLimits, WebSocketDoor
from heropixel.browser.claiming import Claiming
from heropixel.browser.collect import COLLECT, PICTURE, Collect
from heropixel.browser.daily import DailyHashes, remember_visits
from heropixel.browser.intake import Intake
from heropixel.browser.salt_files import SaltFiles
from heropixel.browser.salt_table import SaltTable
from heropixel.browser.salts import Salts, SaltStore
from heropixel.browser.sender import Senders
from heropixel.clock import clock
from heropixel.metrics.exposition import Exposition
from heropixel.pages.frames import Frames
from heropixel.pages.schema_text import SchemaText
from heropixel.postgres import is_postgres
from heropixel.processes.door_parts import Parts
from heropixel.processes.measures import Measures
from heropixel.processes.resolvers import resolvers_of
from heropixel.processes.seldom import others_of
from heropixel.processes.steps import running
from heropixel.processes.stores import ONE_DISK, is_on_one_disk
from heropixel.recording.backlog import Backlog
from heropixel.recording.readiness import Readiness
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room
from heropixel.settings import Settings
from heropixel.wire.asgi import Application, Receive, Scope, Send


class Endpoints(NamedTuple):
    """The application for HTTP requests, and the connections that outlive a request."""

    application: Application
    connections: OpenConnections
    readiness: Readiness


@asynccontextmanager
async def served(settings: Settings, parts: Parts) -> AsyncIterator[Endpoints]:
    """The endpoints before the parts."""
    seen = parts.seen
    async with opened_collect(settings, parts, Senders(*seen)) as collect:
        connections = OpenConnections(settings.max_listeners, parts.joint.listeners, parts.joint.doors)
        operations = Operations(
            load_schema(resolvers_of(settings, parts)),
            limits_of(settings),
            settings.max_documents,
            schema_for_all=settings.public_schema,
            shared=SharedDocuments.built(),
        )
        callers = Callers(parts.stores.registry, clock, parts.joint.guesses, parts.stores.roster, parts.uses)
        contexts = Contexts(callers, seen.proxies, seen.place_headers)
        readiness = readiness_of(settings, parts.recorder, parts.joint.room)
        with closing(operations):
            yield Endpoints(
                dispatching(
                    GraphQLEndpoint(
                        operations,
                        contexts,
                        settings.max_body,
                        connections,
                        settings.max_unread,
                        get_for_all=settings.public_schema,
                    ),
                    WebSocketDoor(
                        operations, connections, SocketLimits(settings.max_subscriptions, settings.max_unread), contexts
                    ),
                    collect,
                    others_of(
                        readiness,
                        Exposition(parts.joint.regions, Measures(settings, parts.joint.processes)),
                        schema_text_of(settings, contexts),
                        Frames(parts.stores.roster),
                    ),
                ),
                connections,
                readiness,
            )


@asynccontextmanager
async def opened_collect(settings: Settings, parts: Parts, senders: Senders) -> AsyncIterator[Collect]:
    """The browser endpoints, and the state that they keep for a day."""
    salts = Salts(salt_store_of(settings), clock)
    hashes = DailyHashes(salts, clock, parts.joint.seen_lately)
    intake = Intake(
        registry=parts.stores.registry,
        recorder=parts.recorder,
        news=parts.news,
        room=parts.joint.room,
        claiming=Claiming(parts.directory),
        index=parts.stores.index,
        hashes=hashes,
        by_address=parts.joint.by_address,
        by_pixel=parts.joint.by_pixel,
        clock=clock,
        pages_identify=settings.pages_identify,
    )
    backlog = Backlog(parts.recorder.accepted, parts.engine.catching_up.reach)
    remembering = remember_visits(hashes, parts.engine.asking, backlog, clock, _STARTING_SECONDS)
    async with running(salts.keep_destroying()), running(hashes.keep_forgetting()), running(remembering):
        yield Collect(intake, senders, settings.max_beacon)


def salt_store_of(settings: Settings) -> SaltStore:
    """Where the daily salts are: with the journal, which all who need them share."""
    url = settings.url_of_journal()
    return SaltTable(url) if is_postgres(url) else SaltFiles(settings.folder_of_journal())


_STARTING_SECONDS = 60.0  # in which all parts of a server are there


def limits_of(settings: Settings) -> Limits:
    """The limits of GraphQL documents."""
    return Limits(
        settings.max_tokens,
        settings.max_depth,
        settings.max_aliases,
        settings.max_root_fields,
        settings.max_fields,
        settings.max_introspected,
    )


def schema_text_of(settings: Settings, contexts: Contexts) -> SchemaText:
    """The text of the schema, where the setting closes it only for callers with credentials."""

    def may_read(request: Request) -> bool:
        return settings.public_schema or contexts.of(request.scope, dict(request.scope["headers"])).is_known("", {})

    return SchemaText(sdl(), may_read)


def readiness_of(settings: Settings, recorder: Recorder, room: Room) -> Readiness:
    """Tells whether a pageview could be recorded now."""

    def too_many_wait() -> str:
        return "too many pageviews wait to be recorded" if recorder.waiting() >= settings.max_waiting else ""

    folders = {*settings.folders().values()}
    said = ONE_DISK if is_on_one_disk(settings) else ""
    return Readiness(sorted(folders), [room.why_not, recorder.why_not, too_many_wait], said)


# What `dispatching` answers without waiting for anything but the disk, or waits for in a task.
AT_ONCE = frozenset({(b"POST", b"/graphql"), (b"POST", COLLECT.encode()), (b"GET", PICTURE.encode())})


def dispatching(graphql: Application, websocket: Application, collect: Application, others: Application) -> Application:
    """The ASGI application."""

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        # Requests for pageviews bypass the router: it costs as much time as resolving a pageview.
        if scope["type"] == "http" and scope["path"] == "/graphql":
            if scope["method"] == "POST" or not is_opened(scope):
                await graphql(scope, receive, send)
            else:
                await to_explorer(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in (COLLECT, PICTURE):
            await collect(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/graphql":
            await websocket(scope, receive, send)
        else:
            await others(scope, receive, send)

    return dispatch
