"""Fetching a URL that a caller gave: only allowed addresses, with limits of time and size."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from heropixel.errors import AddressForbidden
from heropixel.installation.addresses import Address, is_no_link, is_public
from heropixel.installation.fetch import MAX_BYTES, Fetched, Fetcher, LookUp, NotFetched, look_up
from tests.installation.sites import Reply, Site, certificates, here, page, redirect, site


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as running:
        yield running


async def fetch(
    url: str,
    allowed: Callable[[Address], bool] = is_no_link,
    looks_up: LookUp = here,
    seconds: float = 5,
    tls: ssl.SSLContext | None = None,
) -> Fetched:
    until = asyncio.get_running_loop().time() + seconds
    return await Fetcher(allowed, looks_up, tls).fetch(httpx.URL(url), until)


async def test_a_page_is_fetched_with_an_honest_name_and_without_anything_of_ours(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    shop.answers["/"] = Reply(
        b"<p>", 302, {"location": "/next", "set-cookie": "session=1; path=/", "content-type": "text/html"}
    )
    shop.answers["/next"] = page("<p>hello")
    fetched = await fetch(shop.url(host="shop.example"))
    assert (fetched.status, fetched.body, fetched.redirected) == (200, b"<p>hello", True)
    assert str(fetched.url) == shop.url("/next", "shop.example")
    for asked in shop.asked:
        names = {name.lower() for name in asked.headers}
        assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
        assert asked.headers["Host"] == f"shop.example:{shop.port}"
        assert asked.headers["User-Agent"] == "heropixel/0.1.0 (verify)"


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://127.0.0.1/", None),
        ("http://localhost/", None),
        ("http://[::1]/", None),
        ("http://[::ffff:127.0.0.1]/", None),
        ("http://0x7f.1/", None),
        ("http://0x7f000001/", None),
        ("http://0.0.0.0/", None),
        ("http://169.254.169.254/latest/meta-data/", None),
        ("http://[64:ff9b::a9fe:a9fe]/", None),
        ("http://[fd00:ec2::254]/", None),
        ("http://10.1.2.3:8080/", None),
        ("http://innocent.example/", ["127.0.0.1"]),
        ("http://innocent.example/", ["10.0.0.1", "fd00::1"]),
        ("https://innocent.example/", ["::ffff:169.254.169.254"]),
    ],
)
async def test_an_address_that_is_not_public_is_refused_before_it_is_connected_to(
    url: str, addresses: Sequence[str] | None
) -> None:
    with pytest.raises(AddressForbidden) as refused:
        await fetch(url, is_public, look_up if addresses is None else lambda *_: addresses)
    assert not addresses or not any(address in refused.value.message for address in addresses)


def only(*allowed: str) -> Callable[[Address], bool]:
    return lambda address: str(address) in allowed


async def test_a_redirect_is_judged_like_the_first_address(shop: Site) -> None:
    shop.answers["/"] = redirect(f"http://127.0.0.2:{shop.port}/secret")
    shop.answers["/secret"] = page("secret")
    with pytest.raises(AddressForbidden):
        await fetch(shop.url(), only("127.0.0.1"), look_up)
    assert [asked.path for asked in shop.asked] == ["/"]


async def test_a_name_is_looked_up_once_a_request_and_connected_to_there(shop: Site) -> None:
    shop.answers["/"] = page("public")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    looked_up: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return next(answers)

    fetched = await fetch(shop.url(host="rebinding.example"), only("127.0.0.1"), rebinding)
    assert (fetched.body, looked_up) == (b"public", ["rebinding.example"])


async def test_of_several_addresses_only_those_that_are_allowed_are_tried(shop: Site) -> None:
    shop.answers["/"] = page("here")
    several = ["10.255.255.1", "127.0.0.3", "127.0.0.1"]  # nobody listens at the second
    fetched = await fetch(shop.url(), only("127.0.0.1", "127.0.0.3"), lambda *_: several)
    assert fetched.body == b"here"


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("file:///etc/passwd", "must begin with https://"),
        ("gopher://127.0.0.1:70/", "must begin with https://"),
        ("http://a:b@shop.example/", "user name or a password"),
        ("http://shop.example:22/", "port 22"),
        ("/", "redirects more than 5 times"),
        ("http://[", "redirects to an address that cannot be opened"),
    ],
)
async def test_a_redirect_that_no_browser_follows_is_not_followed(shop: Site, where: str, why: str) -> None:
    shop.answers["/"] = redirect(where)
    with pytest.raises(NotFetched, match=why):
        await fetch(shop.url())
    assert len(shop.asked) == (6 if where == "/" else 1)


async def test_five_redirects_are_followed(shop: Site) -> None:
    for hop, status in enumerate([301, 302, 303, 307, 308]):
        shop.answers[f"/{hop}"] = redirect(f"/{hop + 1}", status)
    shop.answers["/5"] = page("there")
    assert (await fetch(shop.url("/0"))).body == b"there"


async def test_a_server_that_answers_drop_by_drop_has_its_time_and_no_more(shop: Site) -> None:
    def drip(door: BaseHTTPRequestHandler) -> None:
        door.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            for _ in range(1000):
                door.wfile.write(b"x")
                door.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return

    shop.answers["/"] = drip
    began = time.monotonic()
    with pytest.raises(NotFetched, match="within the time limit"):
        await fetch(shop.url(), seconds=0.5)
    assert time.monotonic() - began < 10


async def test_a_dns_resolver_that_hangs_delays_no_other_fetch() -> None:
    may_answer = threading.Event()

    def hanging(_host: str, _port: int) -> Sequence[str]:
        may_answer.wait(60)
        return ["127.0.0.1"]

    began = time.monotonic()
    with pytest.raises(NotFetched, match="within the time limit"):
        await fetch("http://slow.example/", looks_up=hanging, seconds=0.2)
    assert time.monotonic() - began < 30
    may_answer.set()


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_large_page_is_cut(shop: Site, encoding: str) -> None:
    large = b"<p>" + b"x" * 10_000_000
    headers = {"content-type": "text/html", "content-encoding": encoding}
    shop.answers["/"] = Reply(gzip.compress(large, 1) if encoding == "gzip" else large, 200, headers)
    fetched = await fetch(shop.url())
    assert (len(fetched.body), fetched.cut) == (MAX_BYTES, True)
    assert fetched.body[:4] == b"<p>x"


async def test_a_gzip_bomb_takes_no_memory(shop: Site) -> None:
    import tracemalloc
    import zlib

    press = zlib.compressobj(9, wbits=31)
    bomb = b"".join(press.compress(bytes(1_000_000)) for _ in range(200)) + press.flush()  # 200 MB
    shop.answers["/"] = Reply(bomb, 200, {"content-type": "text/html", "content-encoding": "gzip"})
    tracemalloc.start()
    fetched = await fetch(shop.url())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fetched.cut
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"no gzip", 200, {"content-encoding": "gzip"}), "says that its answer is gzip, and it is not"),
        (Reply(b"\x0b\x02\x80", 200, {"content-encoding": "br"}), "not requested"),
    ],
)
async def test_a_body_that_cannot_be_read_says_why(shop: Site, reply: Reply, why: str) -> None:
    shop.answers["/"] = reply
    with pytest.raises(NotFetched, match=why):
        await fetch(shop.url())


async def test_what_is_no_http_says_so() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(answer, sock=listening)
    async with server:
        with pytest.raises(NotFetched, match="does not answer with valid HTTP"):
            await fetch(f"http://mail.example:{listening.getsockname()[1]}/")


async def test_a_closed_port_and_an_unknown_name_are_reported() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NotFetched, match="refuses the connection"):
        await fetch(f"http://127.0.0.1:{port}/")

    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(NotFetched, match=r"nowhere\.invalid has no address"):
        await fetch("http://nowhere.invalid/", looks_up=unknown)


@pytest.mark.process
async def test_a_certificate_is_checked_for_the_name_and_not_for_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificates(tmp_path, "shop.example")
    with site(made.server) as shop:
        shop.answers["/"] = page("secure")
        assert (await fetch(shop.url(host="shop.example"), tls=made.trusting)).body == b"secure"
        with pytest.raises(NotFetched, match=r"certificate that is not valid: Hostname mismatch.*other\.example"):
            await fetch(shop.url(host="other.example"), tls=made.trusting)
        with pytest.raises(NotFetched, match="certificate that is not valid: self-signed certificate"):
            await fetch(shop.url(host="shop.example"))
        monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
        assert (await fetch(shop.url(host="shop.example"))).body == b"secure"
    with site() as plain, pytest.raises(NotFetched, match="answers in plain http, not over TLS"):
        await fetch(plain.url().replace("http:", "https:"))


def test_the_systems_resolver_answers_addresses() -> None:
    assert {ipaddress.ip_address(address).is_loopback for address in look_up("localhost", 80)} == {True}
