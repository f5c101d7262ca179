"""The process that answers requests: its parts, and the endpoints before them. It opens no event store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import NamedTuple

from starlette.requests import Request

from heropixel.api.apps import Apps
from heropixel.api.audit import Audit
from heropixel.api.callers import Callers
from heropixel.api.context import Contexts
from heropixel.api.document_time import DocumentTime
from heropixel.api.endpoint import GraphQLEndpoint
from heropixel.api.erasures import Erasures
from heropixel.api.hashes import HashPreviews
from heropixel.api.installation import Installations
from heropixel.api.keys import Keys
from heropixel.api.last_seen import LastSeen
from heropixel.api.limits import Limits
from heropixel.api.live import LivePageviews
from heropixel.api.members import Members
from heropixel.api.merges import Merges
from heropixel.api.open_connections import OpenConnections
from heropixel.api.opened import is_opened, to_explorer
from heropixel.api.operations import Operations
from heropixel.api.pageviews import Pageviews
from heropixel.api.people import People
from heropixel.api.pixels import Pixels
from heropixel.api.reports import Reports
from heropixel.api.resolvers import Resolvers
from heropixel.api.saved_views import SavedViews
from heropixel.api.schema import load_schema, sdl
from heropixel.api.shared_documents import SharedDocuments
from heropixel.api.shares import Shares
from heropixel.api.signing_in import SigningIn
from heropixel.api.suppressions import Suppressions
from heropixel.api.timeline import Timelines
from heropixel.api.unlinks import Unlinks
from heropixel.api.users import Identities
from heropixel.api.websocket import SocketLimits, WebSocketDoor
from heropixel.api.whole_person import WholePerson
from heropixel.api.why import Why
from heropixel.browser.claiming import Claiming
from heropixel.browser.collect import COLLECT, PICTURE, Collect
from heropixel.browser.daily import DailyHashes, remember_visits
from heropixel.browser.intake import Intake
from heropixel.browser.salts import Salts
from heropixel.browser.sender import Senders
from heropixel.clock import clock
from heropixel.directory import MEDIUM_CACHE, SMALL_CACHE
from heropixel.directory.changing import RegistryChanges
from heropixel.directory.thread import DirectoryThread
from heropixel.enrichment import PlaceHeaders, Places
from heropixel.installation.addresses import is_no_link, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from heropixel.members.passwords import Passwords
from heropixel.members.uses import LastUses
from heropixel.metrics.exposition import Exposition
from heropixel.pages.frames import Frames
from heropixel.pages.schema_text import SchemaText
from heropixel.processes.foundation import Foundation
from heropixel.processes.joint_state import JointState
from heropixel.processes.measures import Measures
from heropixel.processes.seldom import others_of
from heropixel.processes.steps import (
    Stores,
    noted_uses,
    opened_directory_thread,
    opened_live,
    opened_passwords,
    opened_recorder,
    opened_stores,
    places_of,
    running,
    watched,
)
from heropixel.processes.to_engine import ToEngine, line_to_engine
from heropixel.recording.backlog import Backlog
from heropixel.recording.live import Live
from heropixel.recording.readiness import Readiness
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room
from heropixel.settings import Settings
from heropixel.upkeep.catching_up import applied_if_possible
from heropixel.wire.asgi import Application, Receive, Scope, Send
from heropixel.wire.proxies import Proxies


class SeenBySettings(NamedTuple):
    """What settings say of those who send: their proxies, and where they are."""

    proxies: Proxies
    place_headers: PlaceHeaders | None
    places: Places | None

    @classmethod
    def parse(cls, settings: Settings) -> "SeenBySettings":
        """Read the settings.

        Raises:
            Trouble: one of them cannot be used.
        """
        proxies = Proxies.parse(settings.trusted_proxies, settings.address_header)
        return cls(proxies, PlaceHeaders.parse(proxies, settings.place_headers), places_of(settings))


class Parts(NamedTuple):
    """All parts below the endpoints."""

    joint: JointState
    stores: Stores
    directory: DirectoryThread
    searching: DirectoryThread  # for reads that may take seconds: short reads do not wait behind them
    recorder: Recorder
    live: Live
    engine: ToEngine
    seen: SeenBySettings
    passwords: Passwords
    uses: LastUses


class Doors(NamedTuple):
    """The application for HTTP requests, and the connections that outlive a request."""

    application: Application
    connections: OpenConnections


@asynccontextmanager
async def opened_door(foundation: Foundation) -> AsyncIterator[Parts]:
    """The parts of a process of its own, which asks the writer and the engine. On exit, its pageviews are answered.

    Raises:
        Trouble: a part cannot be opened.
    """
    async with (
        opened_stores(foundation.settings) as stores,
        opened_recording(foundation, stores) as recording,
    ):
        with line_to_engine(foundation.sockets.engine) as engine:
            async with opened_parts(foundation, stores, recording, engine) as parts:
                yield parts


class Recording(NamedTuple):
    """What records pageviews, and what sends them to the subscribers of this process."""

    recorder: Recorder
    live: Live


@asynccontextmanager
async def opened_recording(foundation: Foundation, stores: Stores) -> AsyncIterator[Recording]:
    """Record the pageviews of requests. On exit, the accepted ones are answered."""
    settings, sockets, joint = foundation
    with opened_live(stores) as live:
        async with opened_recorder(settings, stores.registry, sockets.writer, live, joint.waiting) as recorder:
            yield Recording(recorder, live)


@asynccontextmanager
async def opened_parts(
    foundation: Foundation, stores: Stores, recording: Recording, engine: ToEngine
) -> AsyncIterator[Parts]:
    """The parts of a process that answers requests.

    Raises:
        Trouble: a part cannot be opened.
    """
    joint = foundation.joint
    seen = SeenBySettings.parse(foundation.settings)
    async with AsyncExitStack() as stack:
        stack.enter_context(watched(joint.room))
        directory = stack.enter_context(opened_directory_thread(stores, MEDIUM_CACHE))
        yield Parts(
            joint=joint,
            stores=stores,
            directory=directory,
            searching=stack.enter_context(opened_directory_thread(stores, SMALL_CACHE)),
            recorder=recording.recorder,
            live=recording.live,
            engine=engine,
            seen=seen,
            passwords=stack.enter_context(opened_passwords()),
            uses=await stack.enter_async_context(noted_uses(directory)),
        )


@asynccontextmanager
async def served(settings: Settings, parts: Parts) -> AsyncIterator[Doors]:
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
        with closing(operations):
            yield Doors(
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
                        readiness_of(settings, parts.recorder, parts.joint.room),
                        Exposition(parts.joint.regions, Measures(settings, parts.joint.processes)),
                        schema_text_of(settings, contexts),
                        Frames(parts.stores.roster),
                    ),
                ),
                connections,
            )


def resolvers_of(settings: Settings, parts: Parts) -> Resolvers:
    """The resolvers of the API, each with its parts."""
    registry, index, directory = parts.stores.registry, parts.stores.index, parts.directory
    changes, max_page = RegistryChanges(directory, registry), settings.max_page
    why = Why(directory, parts.engine.asking)
    run_now = applied_if_possible(parts.engine.catching_up)
    return Resolvers(
        apps=Apps(registry=registry, changes=changes, clock=clock),
        audit=Audit(directory=directory, max_page=max_page),
        erasures=Erasures(
            directory=directory,
            changes=changes,
            index=index,
            run_now=run_now,
            clock=clock,
            max_page=max_page,
        ),
        hashes=HashPreviews(),
        identities=Identities(
            directory=directory,
            index=index,
            clock=clock,
            max_users=settings.max_events,
            max_joined=settings.max_joined,
        ),
        installations=Installations(
            registry=registry, verifier=Verifier(Fetcher(is_no_link if settings.verify_private else is_public))
        ),
        keys=Keys(directory=directory, changes=changes, roster=parts.stores.roster, uses=parts.uses, clock=clock),
        live=LivePageviews(parts.live),
        members=Members(directory=directory, changes=changes, clock=clock, public_url=settings.public_url),
        pageviews=Pageviews(
            registry=registry,
            recorder=parts.recorder,
            room=parts.joint.room,
            places=parts.seen.places,
            clock=clock,
            max_events=settings.max_events,
        ),
        people=People(
            directory=directory,
            searching=parts.searching,
            asking=parts.engine.asking,
            why=why,
            registry=registry,
            last_seen=LastSeen(parts.searching, parts.engine.reporting, parts.engine.asking, clock),
            index=index,
            clock=clock,
            max_page=max_page,
        ),
        whole_person=WholePerson(
            directory=directory, asking=parts.engine.asking, index=index, max_user_data=settings.max_user_data
        ),
        merges=Merges(directory=directory, max_page=max_page),
        pixels=Pixels(directory=directory, changes=changes, clock=clock, max_page=max_page),
        reports=Reports(
            registry=registry, reporting=parts.engine.reporting, why=why, now=DocumentTime(clock), max_page=max_page
        ),
        saved_views=SavedViews(directory=directory, clock=clock),
        shares=Shares(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=parts.joint.share_openings,
            clock=clock,
            public_url=settings.public_url,
        ),
        signing_in=SigningIn(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=parts.joint.sign_ins,
            clock=clock,
        ),
        suppressions=Suppressions(
            directory=directory, index=index, clock=clock, max_contacts=settings.max_contacts, max_page=max_page
        ),
        timelines=Timelines(
            directory=directory, asking=parts.engine.asking, why=why, index=index, clock=clock, max_page=max_page
        ),
        unlinks=Unlinks(
            directory=directory,
            asking=parts.engine.asking,
            index=index,
            run_now=run_now,
            clock=clock,
        ),
    )


@asynccontextmanager
async def opened_collect(settings: Settings, parts: Parts, senders: Senders) -> AsyncIterator[Collect]:
    """The browser endpoints, and the state that they keep for a day."""
    salts = Salts(settings.folder_of_journal(), clock)
    hashes = DailyHashes(salts, clock, parts.joint.seen_lately)
    intake = Intake(
        registry=parts.stores.registry,
        recorder=parts.recorder,
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
    with running(salts.keep_destroying()), running(hashes.keep_forgetting()), running(remembering):
        yield Collect(intake, senders, settings.max_beacon)


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

    folders = {settings.data.absolute(), settings.folder_of_journal()}
    return Readiness(sorted(folders), [room.why_not, recorder.why_not, too_many_wait])


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
