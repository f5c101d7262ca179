"""The process of a server: all parts in the order of a pageview's way, and the endpoints before them."""

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
from heropixel.api.guesses import Guesses
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
from heropixel.backup.backups import Backups
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
from heropixel.events.asking import Asking
from heropixel.installation.addresses import is_no_link, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from heropixel.members.attempts import Attempts
from heropixel.members.passwords import Passwords
from heropixel.members.uses import LastUses
from heropixel.operating.door import OperatorsDoor
from heropixel.pages.frames import Frames
from heropixel.pages.schema_text import SchemaText
from heropixel.processes.seldom import others_of
from heropixel.processes.sockets import Sockets
from heropixel.processes.steps import (
    Stores,
    backlog_of,
    events_of,
    noted_uses,
    opened_asking,
    opened_backups,
    opened_directory_thread,
    opened_live,
    opened_loader,
    opened_passwords,
    opened_recorder,
    opened_reporting,
    opened_stores,
    opened_upkeep,
    past_recorder,
    places_of,
    running,
)
from heropixel.recording.backlog import Backlog
from heropixel.recording.live import Live
from heropixel.recording.readiness import Readiness
from heropixel.recording.recorder import Recorder
from heropixel.reports.reporting import Reporting
from heropixel.settings import Settings
from heropixel.upkeep.upkeep import Upkeep
from heropixel.wire.asgi import Application, Receive, Scope, Send
from heropixel.wire.proxies import Proxies
from heropixel.wire.rate_limits import RateLimit


class Parts(NamedTuple):
    """All parts below the endpoints."""

    stores: Stores
    directory: DirectoryThread
    searching: DirectoryThread  # for reads that may take seconds: short reads do not wait behind them
    recorder: Recorder
    backlog: Backlog
    live: Live
    upkeep: Upkeep
    backups: Backups
    asking: Asking
    reporting: Reporting
    proxies: Proxies
    place_headers: PlaceHeaders | None
    places: Places | None
    passwords: Passwords
    uses: LastUses


class Doors(NamedTuple):
    """The application for HTTP requests, and the connections that outlive a request."""

    application: Application
    connections: OpenConnections


@asynccontextmanager
async def opened_parts(settings: Settings, sockets: Sockets) -> AsyncIterator[Parts]:
    """All parts of a folder that is held, but the writer. On exit, the accepted work is finished.

    Raises:
        Trouble: a part cannot be opened.
    """
    # What a setting may be wrong for comes before any store is opened.
    places = places_of(settings)
    proxies = Proxies.parse(settings.trusted_proxies, settings.address_header)
    place_headers = PlaceHeaders.parse(proxies, settings.place_headers)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(opened_stores(settings))
        loader = await stack.enter_async_context(opened_loader(settings, stores))
        live = stack.enter_context(opened_live(stores))
        recorder = await stack.enter_async_context(opened_recorder(settings, stores.registry, sockets.writer, live))
        backlog = backlog_of(recorder, loader)
        directory = stack.enter_context(opened_directory_thread(stores, MEDIUM_CACHE))
        yield Parts(
            stores=stores,
            directory=directory,
            searching=stack.enter_context(opened_directory_thread(stores, SMALL_CACHE)),
            recorder=recorder,
            backlog=backlog,
            live=live,
            upkeep=stack.enter_context(opened_upkeep(settings, stores, backlog, loader)),
            backups=stack.enter_context(opened_backups(settings, loader)),
            asking=stack.enter_context(opened_asking(settings)),
            reporting=stack.enter_context(opened_reporting(settings, stores)),
            proxies=proxies,
            place_headers=place_headers,
            places=places,
            passwords=stack.enter_context(opened_passwords()),
            uses=await stack.enter_async_context(noted_uses(directory)),
        )


@asynccontextmanager
async def served(settings: Settings, parts: Parts, token: str) -> AsyncIterator[Doors]:
    """The endpoints before the parts. Clients of the operators' endpoint must send `token`."""
    place_headers = parts.place_headers
    async with opened_collect(settings, parts, Senders(parts.proxies, place_headers, parts.places)) as collect:
        connections = OpenConnections(settings.max_listeners)
        operations = Operations(
            load_schema(resolvers_of(settings, parts)),
            limits_of(settings),
            settings.max_documents,
            schema_for_all=settings.public_schema,
            shared=SharedDocuments.built(),
        )
        guesses = Guesses(settings.secret_rate, settings.secret_burst)
        callers = Callers(parts.stores.registry, clock, guesses, parts.stores.roster, parts.uses)
        contexts = Contexts(callers, parts.proxies, place_headers)
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
                        operators_door(settings, parts, token),
                        readiness_of(settings, parts.recorder),
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
    why = Why(directory, parts.asking)
    return Resolvers(
        apps=Apps(registry=registry, changes=changes, clock=clock),
        audit=Audit(directory=directory, max_page=max_page),
        erasures=Erasures(
            directory=directory,
            changes=changes,
            index=index,
            run_now=parts.upkeep.run_now,
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
            places=parts.places,
            clock=clock,
            max_events=settings.max_events,
        ),
        people=People(
            directory=directory,
            searching=parts.searching,
            asking=parts.asking,
            why=why,
            registry=registry,
            last_seen=LastSeen(parts.searching, parts.reporting, parts.asking, clock),
            index=index,
            clock=clock,
            max_page=max_page,
        ),
        whole_person=WholePerson(
            directory=directory, asking=parts.asking, index=index, max_user_data=settings.max_user_data
        ),
        merges=Merges(directory=directory, max_page=max_page),
        pixels=Pixels(directory=directory, changes=changes, clock=clock, max_page=max_page),
        reports=Reports(
            registry=registry, reporting=parts.reporting, why=why, now=DocumentTime(clock), max_page=max_page
        ),
        saved_views=SavedViews(directory=directory, clock=clock),
        shares=Shares(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=Attempts(),
            clock=clock,
            public_url=settings.public_url,
        ),
        signing_in=SigningIn(
            directory=directory,
            changes=changes,
            roster=parts.stores.roster,
            uses=parts.uses,
            passwords=parts.passwords,
            attempts=Attempts(),
            clock=clock,
        ),
        suppressions=Suppressions(
            directory=directory, index=index, clock=clock, max_contacts=settings.max_contacts, max_page=max_page
        ),
        timelines=Timelines(
            directory=directory, asking=parts.asking, why=why, index=index, clock=clock, max_page=max_page
        ),
        unlinks=Unlinks(
            directory=directory, asking=parts.asking, index=index, run_now=parts.upkeep.run_now, clock=clock
        ),
    )


@asynccontextmanager
async def opened_collect(settings: Settings, parts: Parts, senders: Senders) -> AsyncIterator[Collect]:
    """The browser endpoints, and the state that they keep for a day."""
    salts = Salts(settings.folder_of_journal(), clock)
    hashes = DailyHashes(salts, clock)
    intake = Intake(
        registry=parts.stores.registry,
        recorder=parts.recorder,
        claiming=Claiming(parts.directory),
        index=parts.stores.index,
        hashes=hashes,
        by_address=RateLimit(settings.address_rate, settings.address_burst),
        by_pixel=RateLimit(settings.pixel_rate, settings.pixel_burst),
        clock=clock,
        pages_identify=settings.pages_identify,
    )
    remembering = remember_visits(hashes, parts.asking, parts.backlog, clock)
    with running(salts.keep_destroying()), running(remembering):
        yield Collect(intake, senders, settings.max_beacon)


def operators_door(settings: Settings, parts: Parts, token: str) -> OperatorsDoor:
    """The endpoint for requests of commands."""
    return OperatorsDoor(
        token,
        registry=parts.stores.registry,
        directory=parts.directory,
        backlog=parts.backlog,
        upkeep=parts.upkeep,
        reporting=parts.reporting,
        past=past_recorder(parts.stores, parts.recorder, parts.backlog, parts.asking, parts.places),
        backups=parts.backups,
        open_events=events_of(settings),
    )


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


def readiness_of(settings: Settings, recorder: Recorder) -> Readiness:
    """Tells whether a pageview could be recorded now."""
    folders = {settings.data.absolute(), settings.folder_of_journal()}
    return Readiness(sorted(folders), recorder.waiting, settings.max_waiting)


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
