"""Pages and servers that are made to break the verification, or to keep the processor busy."""

import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.directory.registry import Pixel
from heropixel.errors import AddressForbidden, InvalidUrl
from heropixel.installation.addresses import is_no_link
from heropixel.installation.fetch import MAX_CHUNKS, Fetcher, look_up
from heropixel.installation.tags import ParsedPage, read_page
from heropixel.installation.urls import Unusable, absolute, joined
from heropixel.installation.verify import Verification, Verifier
from tests.installation.sites import Answering, Reply, Site, here, page, redirect, site

PIXELS = {1: Pixel(1, 1, frozenset(), frozenset({"shop.example"}))}
HOSTS = [
    "xn--a",
    "xn--",
    "xn--a.example",
    "shop.xn--a",
    "xn--" + "a" * 60,
    "XN--A",
    "xn--80ak6aa92e-",
    "xn--ls8h\u200d",
]


@pytest.fixture
def shop() -> Iterator[Site]:
    with site() as running:
        yield running


async def verified(shop: Site, answer: Answering, seconds: float = 5) -> Verification:
    shop.answers["/"] = answer
    return await Verifier(Fetcher(is_no_link, here), seconds).verify(shop.url(host="shop.example"), PIXELS)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(
    "text",
    [
        '<script src="http://{host}/pixel.js" data-pixel="1"></script>',
        '<script src="/pixel.js" data-pixel="1" data-endpoint="http://{host}/collect"></script>',
        '<base href="http://{host}/"><script src="pixel.js" data-pixel="1"></script>',
        '<img src="http://{host}/pixel.gif?pixelId=1">',
        '<meta http-equiv="refresh" content="0; url=http://{host}/">',
        '<meta http-equiv="content-security-policy" content="script-src http://{host}"><script src=p.js data-pixel=1>',
    ],
    ids=["script", "endpoint", "base", "image", "refresh", "policy"],
)
async def test_bad_punycode_anywhere_in_a_page_is_answered(shop: Site, host: str, text: str) -> None:
    assert not (await verified(shop, page(text.replace("{host}", host)))).ok


@pytest.mark.parametrize("host", ["xn--a", "xn--a.example", "xn--"])
async def test_bad_punycode_in_a_redirect_is_answered(shop: Site, host: str) -> None:
    verification = await verified(shop, redirect(f"http://{host}/"))
    assert "cannot be" in verification.checks[0].found


@pytest.mark.parametrize("host", ["xn--a", "xn--"])
async def test_bad_punycode_in_the_address_itself_is_refused(host: str) -> None:
    with pytest.raises(InvalidUrl, match="not valid punycode"):
        await Verifier(Fetcher(is_no_link, here)).verify(f"http://{host}/", PIXELS)


@given(
    st.text(max_size=40), st.sampled_from(["http://{}", "//{}/", "{}", "https://xn--{}.example/", "http://a.{}:80/b"])
)
def test_any_text_is_an_address_or_says_why_not(text: str, form: str) -> None:
    try:
        url = joined(absolute("https://shop.example/"), form.replace("{}", text))
    except Unusable:
        return
    assert url.host
    assert url.netloc


async def test_an_answer_in_chunks_of_one_byte_is_cut(shop: Site) -> None:
    def drip(door: BaseHTTPRequestHandler) -> None:
        door.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        door.wfile.write(b"1\r\n<\r\n" * 2_000_000)

    before = time.process_time()
    shop.answers["/"] = drip
    verification = await verified(shop, drip)
    assert verification.checks[0].passed
    assert "were read" in verification.checks[0].found
    assert time.process_time() - before < 5, f"{MAX_CHUNKS} chunks take a second"


async def test_an_endless_100_continue_is_not_read_on(shop: Site) -> None:
    sent: list[int] = []

    def go_on(door: BaseHTTPRequestHandler) -> None:
        try:
            while True:
                sent.append(door.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000))
        except OSError:
            pass

    verification = await verified(shop, go_on, seconds=20)
    assert "does not answer with valid HTTP" in verification.checks[0].found
    assert sum(sent) < 10_000_000, "what the network holds, and no more"


async def test_a_hint_before_the_answer_is_passed_over(shop: Site) -> None:
    def hint(door: BaseHTTPRequestHandler) -> None:
        door.wfile.write(b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n")
        door.wfile.write(b"Content-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>")

    assert (await verified(shop, hint)).checks[0].passed


async def test_a_page_is_fetched_and_read_beside_the_event_loop(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []

    def noted(*args: Any) -> ParsedPage:
        threads.append(threading.current_thread())
        return read_page(*args)

    monkeypatch.setattr("heropixel.installation.evidence.read_page", noted)
    await verified(shop, page("<p>"))
    assert [thread is threading.main_thread() for thread in threads] == [False]


NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "::ffff:169.254.169.254",
    "::169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "2001:0:1:1:1:1:5601:5601",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
]


@pytest.mark.parametrize("address", NEVER)
async def test_link_local_addresses_are_forbidden_whatever_the_setting(address: str) -> None:
    with pytest.raises(AddressForbidden):
        await Verifier(Fetcher(is_no_link, lambda *_: [address]), 5).verify("http://shop.example/", PIXELS)


async def test_link_local_addresses_are_forbidden_by_number_too() -> None:
    for url in (
        "http://169.254.169.254/latest/",
        "http://[fe80::1]/",
        "http://0xa9fea9fe/",
        "http://[::ffff:a9fe:a9fe]/",
    ):
        with pytest.raises((AddressForbidden, InvalidUrl)):
            await Verifier(Fetcher(is_no_link, look_up), 5).verify(url, PIXELS)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1", "2a00::a9fe:1", "1.1.1.1"]
)
def test_private_addresses_are_allowed_by_the_setting(address: str) -> None:
    assert is_no_link(ipaddress.ip_address(address))


async def test_a_redirect_to_a_link_local_address_is_not_followed(shop: Site) -> None:
    shop.answers["/"] = Reply(status=302, headers={"location": "http://169.254.169.254/latest/meta-data/"})
    with pytest.raises(AddressForbidden):
        await Verifier(Fetcher(is_no_link, look_up), 5).verify(shop.url(), PIXELS)
