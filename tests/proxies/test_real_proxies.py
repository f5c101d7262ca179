"""Behind nginx, Caddy and a CDN the server finds the visitor's address, and ignores what the visitor claims.

Two things show which address the server has found: a file of places with a country for each, and the daily hash of
visitors without a cookie.
"""

import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.contract.beaconing import VISITOR, beacon_of, headers_of
from tests.contract.listening import EVENTS, Socket, Stream, basic, post
from tests.enrichment.mmdb import write
from tests.proxies.fronts import CDN, OURS, Front, block, caddy, caddy_site, nginx, nginx_site
from tests.world import Server, World, command, exported, make_world, running

ONE, OTHER, PROXY, FORGED = "127.0.0.2", "127.0.0.3", "127.0.0.1", "6.6.6.6"
COUNTRIES = {ONE: "DE", OTHER: "FR", PROXY: "GB", CDN: "US", FORGED: "XK"}
LIES = {
    "X-Forwarded-For": FORGED,
    "Forwarded": f"for={FORGED};host=forged.example",
    "CF-Connecting-IP": FORGED,
    "True-Client-IP": FORGED,
    "Fastly-Client-IP": FORGED,
    "X-Real-IP": FORGED,
}
TRUSTED = {"trusted_proxies": "127.0.0.1, ::1"}
LISTED, CONNECTING = "X-Forwarded-For", "CF-Connecting-IP"
Making = Callable[[Path, int], AbstractContextManager[Front]]


def own_nginx(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    return nginx(folder, block("# /etc/nginx/conf.d/heropixel.conf"), upstream)


def own_caddy(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    return caddy(folder, block(f"# /etc/caddy/Caddyfile\n{OURS}"), upstream)


def site_nginx(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    return nginx_site(folder, block("# /etc/nginx/sites-available/shop.example.com"), upstream)


def site_caddy(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    return caddy_site(folder, block("# /etc/caddy/Caddyfile\nhandle_path"), upstream)


def nginx_behind_cloudflare(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    networks = block("# /etc/nginx/conf.d/cloudflare.conf").replace("173.245.48.0/20", CDN)
    return nginx(folder, block("# /etc/nginx/conf.d/heropixel.conf"), upstream, more=networks)


def caddy_behind_cloudflare(folder: Path, upstream: int) -> AbstractContextManager[Front]:
    text = block("# /etc/caddy/Caddyfile, the networks of https://www.cloudflare.com/ips/")
    return caddy(folder, text.replace("173.245.48.0/20", CDN), upstream)


@contextmanager
def caddy_before_nginx(folder: Path, upstream: int) -> Iterator[Front]:
    folder.mkdir()
    inner = nginx(folder / "nginx", block("# /etc/nginx/conf.d/heropixel.conf"), upstream, tls=False)
    with inner as second, own_caddy(folder / "caddy", second.port) as first:
        yield first


@contextmanager
def nginx_before_caddy(folder: Path, upstream: int) -> Iterator[Front]:
    folder.mkdir()
    text = block(f"# /etc/caddy/Caddyfile\n{OURS}")
    believing = text.replace("127.0.0.1:8000", "127.0.0.1:8000 {\ntrusted_proxies 127.0.0.1/32\n}")
    inner = caddy(folder / "caddy", believing, upstream, tls=False)
    with inner as second, own_nginx(folder / "nginx", second.port) as first:
        yield first


def places(folder: Path) -> dict[str, str]:
    """A file that has another country for each address."""
    records = {f"{address}/32": {"country_code": code} for address, code in COUNTRIES.items()}
    return {"places": str(write(folder / "places.mmdb", records))}


def send(
    client: httpx.Client, server: Server, name: str, path: str = "/collect", **headers: str | None
) -> httpx.Response:
    """A beacon of a page with this title."""
    return client.post(path, json=beacon_of(server, title=name), headers=headers_of(more=headers))


def rows_by_title(world: World) -> dict[str, dict[str, Any]]:
    return {row["title"]: row for row in exported(world)}


FRONTS: list[tuple[Making, str]] = [
    (own_nginx, "/collect"),
    (own_caddy, "/collect"),
    (site_nginx, "/stats/collect"),
    (site_caddy, "/stats/collect"),
    (caddy_before_nginx, "/collect"),
    (nginx_before_caddy, "/collect"),
]


@pytest.mark.parametrize(("making", "path"), FRONTS, ids=lambda of: getattr(of, "__name__", ""))
def test_behind_a_proxy_the_address_is_the_visitors_and_what_he_writes_is_not_believed(
    world: World, tmp_path: Path, making: Making, path: str
) -> None:
    with (
        running(world, wait=True, **TRUSTED, **places(tmp_path)) as server,
        making(tmp_path / "front", _port(server)) as front,
    ):
        with front.client(ONE) as one, front.client(ONE, LIES) as liar, front.client(OTHER) as other:
            for name, client in {"one": one, "liar": liar, "one again": one, "other": other}.items():
                assert send(client, server, name, path).status_code == 204
        direct = Front(_port(server), OURS, tls=False)
        with direct.client(ONE, LIES) as past, direct.client(OTHER) as straight:
            assert send(past, server, "past it").status_code == 204
            assert send(straight, server, "straight").status_code == 204
        server.loaded(6)
        rows = rows_by_title(world)
        log = server.log.read_text()
    assert {name: row["country"] for name, row in rows.items()} == {
        "one": "DE",
        "liar": "DE",
        "one again": "DE",
        "other": "FR",
        "past it": "DE",
        "straight": "FR",
    }
    visitors = {name: row["visitorId"] for name, row in rows.items()}
    assert visitors["one"].startswith("daily:")
    assert visitors["one"] == visitors["liar"] == visitors["one again"] == visitors["past it"]
    assert visitors["other"] == visitors["straight"] != visitors["one"]
    assert log.count("HEROPIXEL_TRUSTED_PROXIES") == 1, "of whoever came past it, once"


@pytest.mark.parametrize(
    ("making", "header", "past"),
    [(nginx_behind_cloudflare, LISTED, 204), (caddy_behind_cloudflare, CONNECTING, 403)],
    ids=lambda of: getattr(of, "__name__", ""),
)
def test_behind_a_cdn_only_the_cdn_decides_the_address(
    world: World, tmp_path: Path, making: Making, header: str, past: int
) -> None:
    settings = {**TRUSTED, **places(tmp_path), "address_header": header}
    with running(world, wait=True, **settings) as server, making(tmp_path / "front", _port(server)) as front:
        for name, visitor in {"one": ONE, "other": OTHER}.items():
            # What Cloudflare sends: its own header, the visitor's lies, and its word after them.
            said = {**LIES, CONNECTING: visitor, LISTED: f"{FORGED}, {visitor}"}
            with front.client(CDN, said) as client:
                assert send(client, server, name).status_code == 204
        with front.client(ONE, LIES) as client:
            assert send(client, server, "past it").status_code == past
        expected = {"one": "DE", "other": "FR"} | ({"past it": "DE"} if past == 204 else {})
        server.loaded(len(expected))
        assert {name: row["country"] for name, row in rows_by_title(world).items()} == expected


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a limit for each address."""
    world = make_world(tmp_path_factory.mktemp("limited") / "data")
    with running(world, wait=True, **TRUSTED, address_rate="0.01", address_burst="3") as server:
        yield server


@pytest.mark.parametrize(
    ("making", "visitors"), [(own_nginx, ("127.0.1.1", "127.0.1.2")), (own_caddy, ("127.0.1.3", "127.0.1.4"))]
)
def test_behind_a_proxy_each_visitor_is_limited_for_himself(
    limited: Server, tmp_path: Path, making: Making, visitors: tuple[str, str]
) -> None:
    loud, quiet = visitors
    with making(tmp_path / "front", _port(limited)) as front:
        with front.client(loud, LIES) as client:
            answers = [send(client, limited, "loud", **{"X-Forwarded-For": f"6.6.6.{n}"}) for n in range(5)]
            assert [answer.status_code for answer in answers] == [204, 204, 204, 429, 429]
            assert int(answers[-1].headers["retry-after"]) > 60
        with front.client(quiet) as client:
            assert send(client, limited, "quiet").status_code == 204


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind proxies."""
    with running(make_world(tmp_path_factory.mktemp("behind") / "data"), wait=True, **TRUSTED) as server:
        yield server


@pytest.fixture(params=[site_nginx, site_caddy], ids=lambda making: making.__name__)
def site(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Front]:
    """A site that passes on what is below /stats/."""
    with request.param(tmp_path / "front", _port(server)) as front:
        yield front


@pytest.mark.parametrize("browser", ["new", "old"])
def test_from_the_sites_own_path_the_server_sets_a_cookie_that_the_site_has(
    server: Server, site: Front, browser: str
) -> None:
    says = {"Sec-Fetch-Site": "same-origin" if browser == "new" else None}
    sent = beacon_of(server, consent=True, visitorId=VISITOR)
    with site.client(ONE) as client:
        answer = client.post("/stats/collect", json=sent, headers=headers_of(more=says))
        assert answer.status_code == 204
        assert answer.headers["set-cookie"].startswith(
            f"heropixel={VISITOR}; Max-Age=34190000; Domain=example.com; Path=/;"
        )
        assert answer.headers["set-cookie"].endswith("; Secure")
        gone = beacon_of(server, event="consent", consent=False)
        answer = client.post(
            "/stats/collect", json=gone, headers=headers_of(more={**says, "Cookie": f"heropixel={VISITOR}"})
        )
        assert answer.headers["set-cookie"].startswith("heropixel=; Max-Age=0; Domain=example.com;")
        query = {"pixelId": "1", "url": "https://shop.example.com/a b?c=d&e=%20f", "consent": "1"}
        image = client.get(
            "/stats/pixel.gif", params=query, headers=headers_of(more={**says, "Origin": None, "Content-Type": None})
        )
        assert (image.status_code, image.headers["content-type"], image.content[:6]) == (200, "image/gif", b"GIF89a")
        assert image.headers["set-cookie"].startswith("heropixel=hp1.")


def test_from_the_sites_own_path_the_script_is_what_the_server_has_and_nothing_else_is_there(
    server: Server, site: Front
) -> None:
    with site.client(ONE) as client:
        for name in ("/pixel.js", "/pixel.0123456789ab.js"):
            passed, straight = client.get(f"/stats{name}"), server.http.get(name)
            assert (passed.status_code, passed.content) == (straight.status_code, straight.content)
            assert passed.headers.get("etag") == straight.headers.get("etag")
        for path in ("metrics", "health", "graphql", "operator/report", "", "pixelxgif", "collect/", "..%2fmetrics"):
            assert client.get(f"/stats/{path}").text in ("the site", ""), path
        assert client.get("/").text == "the site"


@pytest.fixture(params=[own_nginx, own_caddy], ids=lambda making: making.__name__)
def front(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Front]:
    """A host name of its own."""
    with request.param(tmp_path / "front", _port(server)) as front:
        yield front


def test_what_is_for_the_operator_is_not_seen_from_outside(front: Front) -> None:
    with front.client(ONE) as client:
        for path in ("/metrics", "/health", "/operator/pageviews", "/graphql/", "/pixel.gif/x", "/", "/.%2fmetrics"):
            assert client.get(path).status_code == 404, path
        assert client.post("/operator/report").status_code == 404
        assert client.get("/graphql?query={__typename}").json() == {"data": {"__typename": "Query"}}


async def test_subscriptions_go_through_a_proxy_as_they_come(server: Server, front: Front) -> None:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    port = front.port
    through = {"ssl": unchecked, "host": "127.0.0.1", "port": port, "server_hostname": OURS}
    async with connect(f"wss://{OURS}/graphql", subprotocols=[PROTOCOL], **through) as connection:  # type: ignore[arg-type]  # of a dict
        socket = Socket(connection)
        await socket.init({"auth": server.world.auth})
        await socket.subscribe()
        event_id = await post(server)
        assert (await socket.pageview())["eventId"] == event_id
    asked = {"Host": OURS, "Accept": "text/event-stream", "Authorization": basic(server.world.auth)}
    async with (
        httpx.AsyncClient(verify=False, timeout=10) as client,
        client.stream(
            "POST",
            f"https://127.0.0.1:{port}/graphql",
            json={"query": EVENTS, "variables": {}},
            headers=asked,
            extensions={"sni_hostname": OURS},
        ) as response,
    ):
        event_id = await post(server)
        assert (await Stream(response).pageview())["eventId"] == event_id


PROTOCOL = Subprotocol("graphql-transport-ws")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"HEROPIXEL_ADDRESS_HEADER": "X-Forwarded-For, Forwarded"}, "HEROPIXEL_ADDRESS_HEADER cannot be used"),
        ({"HEROPIXEL_TRUSTED_PROXIES": "nginx"}, "HEROPIXEL_TRUSTED_PROXIES cannot be used"),
        ({"HEROPIXEL_TRUSTED_PROXIES": "0.0.0.0/0"}, "0.0.0.0/0 is every address"),
        ({"HEROPIXEL_PLACE_HEADERS": "CF-IPCountry"}, "HEROPIXEL_TRUSTED_PROXIES cannot be used: it is not set"),
    ],
)
def test_settings_that_cannot_be_used_are_said_at_the_start_before_a_store_is_opened(
    world: World, settings: dict[str, str], says: str
) -> None:
    shutil.rmtree(world.folder / "events", ignore_errors=True)
    assert says in command(world, "serve", "--port", "0", expect=2, **settings)
    assert not (world.folder / "events").exists()


def _port(server: Server) -> int:
    return httpx.URL(server.url).port or 80
