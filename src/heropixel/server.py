"""The composition root: opens the stores, wires the doors, lists the background work, drains at the end."""

import asyncio
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from typing import Any, Protocol, TypeVar

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from heropixel import folder, metrics
from heropixel.abortable import AbortableHttp, AbortableWebSocket
from heropixel.api.context import AtMost, Product
from heropixel.api.endpoint import GraphQLEndpoint
from heropixel.api.limits import Limits
from heropixel.api.listeners import Listeners
from heropixel.api.operations import Operations
from heropixel.api.schema import load_schema
from heropixel.api.websocket import SocketLimits, WebSocketDoor
from heropixel.asgi import Receive, Scope, Send
from heropixel.browser.buckets import Buckets
from heropixel.browser.claiming import Claiming
from heropixel.browser.collect import COLLECT, PICTURE, Collect
from heropixel.browser.daily import DailyHashes, remember_visits
from heropixel.browser.intake import Intake
from heropixel.browser.salts import Salts
from heropixel.browser.script import Script
from heropixel.browser.sender import Senders
from heropixel.directory import Directory, open_directory
from heropixel.directory.erasures import waiting_erasures
from heropixel.directory.keys import check_key, has_key, stores_emails
from heropixel.directory.merges import speakers
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.enrichment import PlaceHeaders, Places
from heropixel.errors import EventsUnavailable
from heropixel.events import Bounds, Events, EventsThread
from heropixel.identity.claim import settle_claims
from heropixel.identity.identifiers import Index
from heropixel.identity.resolve import Resolver
from heropixel.installation.addresses import is_any, is_public
from heropixel.installation.fetch import Fetcher
from heropixel.installation.verify import Verifier
from heropixel.journal import open_journal
from heropixel.operators_door import OperatorsDoor
from heropixel.proxies import Proxies
from heropixel.recording.afterwards import erase
from heropixel.recording.linking import Linking
from heropixel.recording.live import Live
from heropixel.recording.loader import Loader, give_way
from heropixel.recording.recorder import Recorder
from heropixel.recording.upkeep import Upkeep
from heropixel.reports.reporting import Reporting
from heropixel.settings import Settings
from heropixel.troubles import KeyMissing, PortUnusable

log = structlog.get_logger()


class _Closes(Protocol):
    def close(self) -> object: ...


C = TypeVar("C", bound=_Closes)


def clock() -> int:
    """Now, in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def index_of(settings: Settings, directory: Directory) -> Index:
    """The index of the directory's identifiers, with the key from the settings or from the data folder.

    Raises:
        KeyMissing: the directory was made with another key, which is not there.
        KeyUnusable: what should hold it does not.
    """
    if settings.key:
        key: bytes | None = bytes.fromhex(settings.key)
    else:
        key = folder.key_of(settings.data, make_one=not has_key(directory))
    if key is None:
        raise KeyMissing
    check_key(directory, key)
    return Index(key, readable=stores_emails(directory, wanted=settings.store_emails))


@contextmanager
def completed(settings: Settings) -> Iterator[tuple[Directory, Events]]:
    """The directory and the event store, with all that waited for it, for commands while no server runs.

    Raises:
        EventsUnavailable: it is not there now.
    """
    appender, journal = open_journal(settings.url_of_journal())
    appender.close()
    directory = open_directory(settings.url_of_directory())
    try:
        loader = Loader(journal, Linking(directory, clock), lambda: Events(settings.url_of_events()), clock)
        erasures = waiting_erasures(directory.connection)
        settle_claims(directory, clock())
        loader.load_all()
        erase(directory, loader.connect(), erasures, clock)
        yield directory, loader.connect()
    finally:
        directory.close()
        journal.close()


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was taken on; `ready` is told the address to connect to.

    Raises:
        Trouble: it cannot start; the message says what to do.
    """
    with folder.held(settings.data, "heropixel serve") as announce:
        listening = _listen(settings)
        token = secrets.token_urlsafe(32)
        announce(_url_of(listening), token)
        proxies = Proxies.parse(settings.trusted_proxies, settings.address_header)
        place_headers = PlaceHeaders.parse(proxies, settings.place_headers)
        async with (
            running_product(settings) as (product, loader),
            visitors_door(settings, product, loader, Senders(proxies, place_headers, product.places)) as collect,
        ):
            door = OperatorsDoor(token, product, loader, lambda: Events(settings.url_of_events()))
            listeners = Listeners(settings.max_listeners)
            server = uvicorn.Server(
                _uvicorn(application(settings, product, place_headers, collect, door, listeners), settings)
            )
            _stop_on_signals(server, listeners)
            started = asyncio.create_task(_tell_when_started(server, lambda: ready(_url_of(listening))))
            await server.serve(sockets=[listening])
            started.cancel()


_RESOLVING_WAITS = 5  # seconds: behind a pageview that waits to learn somebody wait all others


@asynccontextmanager
async def running_product(settings: Settings) -> AsyncIterator[tuple[Product, Loader]]:
    """Everything below the doors, of a folder that is held.

    On leaving, what was accepted is finished, in the order of its way.
    """
    places = Places(settings.places) if settings.places else None
    async with AsyncExitStack() as stack:

        def opened(part: C) -> C:
            return stack.enter_context(closing(part))

        def open_events() -> Events:
            return Events(settings.url_of_events())

        directory = opened(open_directory(settings.url_of_directory()))
        resolving = opened(directory.another(_RESOLVING_WAITS))
        appender, loading = (opened(end) for end in open_journal(settings.url_of_journal()))
        managing = opened(DirectoryThread(directory.another()))
        searching = opened(DirectoryThread(directory.another()))
        asking = opened(EventsThread(open_events))
        merges = opened(directory.another())
        bounds = Bounds(settings.report_seconds, settings.report_memory, settings.report_memory // 4)
        reporting = opened(EventsThread(lambda: Events(settings.url_of_events(), bounds), begin=give_way))

        registry = Registry(directory)
        stack.enter_context(_running(registry.keep_fresh()))
        loader = Loader(loading, Linking(opened(directory.another()), clock), open_events, clock)
        await _connect(loader)
        stack.push_async_callback(_finish, loader, asyncio.create_task(loader.run()))
        index = index_of(settings, directory)
        resolver = Resolver(resolving, index)
        live = Live(lambda: registry.pixels)
        stack.enter_context(_running(live.keep_checking()))
        recorder = Recorder(resolver, appender, clock, settings.max_waiting, live)
        stack.push_async_callback(recorder.drain)
        upkeep = opened(Upkeep(directory.another(), open_events, registry, recorder, loader, clock))
        stack.enter_context(_running(upkeep.run()))
        product = Product(
            registry=registry,
            index=index,
            directory=managing,
            searching=searching,
            events=asking,
            recorder=recorder,
            live=live,
            upkeep=upkeep,
            reporting=Reporting(
                reporting, lambda app: speakers(merges.connection, app), settings.report_seconds, clock
            ),
            verifier=Verifier(Fetcher(is_any if settings.verify_private else is_public)),
            places=places,
            clock=clock,
            at_most=AtMost(
                events=settings.max_events,
                contacts=settings.max_contacts,
                page=settings.max_page,
                joined=settings.max_joined,
            ),
        )
        yield product, loader


@asynccontextmanager
async def visitors_door(
    settings: Settings, product: Product, loader: Loader, senders: Senders
) -> AsyncIterator[Collect]:
    """What takes the beacons of browsers, and what it remembers of a day."""
    salts = Salts(settings.folder_of_journal(), clock)
    hashes = DailyHashes(salts, clock)
    intake = Intake(
        registry=product.registry,
        recorder=product.recorder,
        claiming=Claiming(product.directory),
        index=product.index,
        hashes=hashes,
        by_address=Buckets(settings.address_rate, settings.address_burst),
        by_pixel=Buckets(settings.pixel_rate, settings.pixel_burst),
        clock=clock,
    )
    remembering = remember_visits(hashes, product.events, loader.catch_up, clock)
    with _running(salts.keep_destroying()), _running(remembering):
        yield Collect(intake, senders, settings.max_beacon)


@contextmanager
def _running(work: Coroutine[Any, Any, None]) -> Iterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()


async def _connect(loader: Loader) -> None:
    try:
        await loader.open()
    except EventsUnavailable as error:
        log.warning("starting without the event store: pageviews are accepted and load later", error=str(error)[:500])


async def _finish(loader: Loader, running: "asyncio.Task[None]") -> None:
    loader.stop()
    await running


def application(
    settings: Settings,
    product: Product,
    place_headers: PlaceHeaders | None,
    collect: Collect,
    door: OperatorsDoor,
    listeners: Listeners,
) -> Callable[..., Any]:
    """The ASGI application."""
    limits = Limits(
        settings.max_tokens,
        settings.max_depth,
        settings.max_aliases,
        settings.max_root_fields,
        settings.max_fields,
    )
    operations = Operations(load_schema(), limits, settings.max_documents)
    graphql = GraphQLEndpoint(operations, product, settings.max_body, listeners, settings.max_unread, place_headers)
    socket_limits = SocketLimits(settings.max_subscriptions, settings.max_unread)
    websocket = WebSocketDoor(operations, product, listeners, socket_limits, place_headers)
    others = Starlette(
        routes=[
            Route("/health", _health),
            Route("/metrics", _metrics),
            *Script.built().routes(),
            *door.routes(),
        ]
    )

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        # The way of every pageview goes straight through; a router costs as much as resolving one.
        if scope["type"] == "http" and scope["path"] == "/graphql":
            await graphql(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in (COLLECT, PICTURE):
            await collect(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/graphql":
            await websocket(scope, receive, send)
        else:
            await others(scope, receive, send)

    return dispatch


async def _health(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise PortUnusable(host=settings.host, port=settings.port, why=error.strerror or error) from None
    return listening


def _url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared with, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _uvicorn(app: Callable[..., Any], settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="none",  # it runs already
        http=AbortableHttp,
        ws=AbortableWebSocket,
        ws_max_size=settings.max_body,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        ws_per_message_deflate=False,  # it takes 300 kB a socket
        lifespan="off",
        access_log=False,
        proxy_headers=False,  # heropixel.proxies reads them
        log_config=None,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
    )


# Longer than proxies keep theirs (nginx 60, Caddy 120): else one sends a beacon into a connection just closed here, and
# does not dare to send a POST again.
_KEEP_ALIVE_SECONDS = 150
_PING_SECONDS = 20.0  # proxies close what is silent for a minute; whoever has gone without a word is noticed so


def _stop_on_signals(server: uvicorn.Server, listeners: Listeners) -> None:
    """Our own, since uvicorn's raise the signal again at the end: a server that was asked to stop exits with 0."""

    @contextmanager
    def no_capture() -> Iterator[None]:
        yield

    stopping: list[asyncio.Task[None]] = []

    async def stop() -> None:
        await listeners.stop()  # first: uvicorn would close them without our reason
        server.should_exit = True

    server.capture_signals = no_capture  # type: ignore[method-assign]  # the documented seam is a subclass of one method
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: stopping.append(loop.create_task(stop())))


async def _tell_when_started(server: uvicorn.Server, ready: Callable[[], None]) -> None:
    while not server.started:  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    ready()
