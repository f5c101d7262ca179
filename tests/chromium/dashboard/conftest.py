"""One server with three weeks of pageviews, and a member who is signed in, for all tests of the dashboard."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, closing
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState

from heropixel.directory import open_directory
from heropixel.directory.apps import app_number
from heropixel.directory.pixels import create_pixel
from tests.chromium.chromium import USER_AGENT, need_dashboard
from tests.chromium.dashboard.looking import Looking
from tests.world import Server, command, make_world, running

RECORD = """mutation ($auth: AuthInput, $events: [PageviewEventInput!]!) {
    pageviews(auth: $auth, events: $events) { code message } }"""

SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Safari/605.1.15"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

PATHS = ("/", "/shop", "/pricing", "/blog/caf%C3%A9", "/signup", "/cart", "/docs", "/about", "/jobs", "/press")
CAMPAIGN = "?utm_source=news&utm_medium=email&utm_campaign="
FROM: tuple[dict[str, str], ...] = (
    {"referrer": "https://www.google.com/"},
    {},
    {"referrer": "https://www.linkedin.com/"},
    {"url": f"https://example.com/{CAMPAIGN}autumn"},
)
PLACES = (("CH", "CH-ZH", "Zurich"), ("DE", "DE-BE", "Berlin"), ("AT", "AT-9", "Vienna"), ("FR", "FR-IDF", "Paris"))
A_DAY = 86_400  # seconds


def history(now: float) -> Iterator[dict[str, Any]]:
    """Visits of the last three weeks, an hour ago the last of them."""
    for number in range(180):
        country, region, city = PLACES[number % 4 if number % 7 else 0]
        who = {"email": f"p{number % 9}@example.com"} if number % 5 == 0 else {"visitorId": f"v{number % 70}"}
        for step in range(1 + number % 3):
            yield {
                "pixelId": 2 if number % 12 == 11 else 1,
                "domain": "example.com",
                "timestamp": now - 3_600 - number * A_DAY / 9 + step * 40,
                "url": f"https://example.com{PATHS[(number * 3 + step) % (4 + number % 7)]}",
                "userAgent": (USER_AGENT, SAFARI)[number % 2] if number % 10 else GOOGLEBOT,
                "country": country,
                "region": region,
                "city": city,
                "language": ("de-CH", "en")[number % 2],
                **who,
                **(FROM[number % 4] if step == 0 else {"referrer": "https://example.com/"}),
            }


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with pageviews of two pixels."""
    need_dashboard()
    world = make_world(tmp_path_factory.mktemp("dashboard") / "data")
    with closing(open_directory(world.settings.url_of_directory())) as directory, directory.writing() as connection:
        create_pixel(connection, app_number(connection, world.app_id), "Second site", ["example.com"], 1)
    with running(world) as server:
        events = [*history(time.time())]
        answer = server.graphql(RECORD, {"auth": world.auth, "events": events})
        assert answer["data"]["pageviews"]["code"] == 200, answer
        server.loaded(len(events))
        yield server


def link_of(server: Server) -> str:
    """The fragment of a link that signs the first owner in, once."""
    members = json.loads(command(server.world, "members", "list", "--app", server.world.app_id, "--json"))
    first = [member["id"] for member in members[:1]]
    return "#" + command(server.world, "sign-in-link", *first).strip().partition("#")[2]


def local(server: Server) -> str:
    """The address by which browsers take a session without https."""
    return server.url.replace("127.0.0.1", "localhost")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def signed_in(chromium: Browser, shown: Server) -> StorageState:
    """What a browser keeps in which the owner is signed in."""
    context = await chromium.new_context()
    looking = Looking(context, await context.new_page(), local(shown))
    await looking.open(link_of(shown))
    state = await context.storage_state()
    await context.close()
    assert looking.troubles == []
    return state


Look = Callable[..., Awaitable[Looking]]


@pytest_asyncio.fixture(loop_scope="session")
async def look(chromium: Browser, shown: Server, signed_in: StorageState) -> AsyncIterator[Look]:
    """Opens a window, with the options of a browser context. At the end its pages must be free of errors."""
    async with AsyncExitStack() as stack:
        windows: list[Looking] = []

        async def look(fragment: str = "#/pixels/1", url: str = "", **options: Any) -> Looking:
            usual = {
                "storage_state": signed_in,
                "viewport": {"width": 1440, "height": 900},
                "timezone_id": "Europe/Zurich",
            }
            context = await stack.enter_async_context(await chromium.new_context(**{**usual, **options}))
            windows.append(Looking(context, await context.new_page(), url or local(shown)))
            await windows[-1].open(fragment)
            return windows[-1]

        yield look
        for window in windows:
            assert window.troubles == []
