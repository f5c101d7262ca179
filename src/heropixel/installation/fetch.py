"""Fetches untrusted URLs safely: only from allowed addresses, with limits on time and size.

A name is resolved once for each request, and the connection goes to the address that was checked. So the owner of the
name cannot give another address the second time. No cookie, credential or proxy is used.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from importlib.metadata import version
from typing import NamedTuple

import httpx

from heropixel.concurrency.aside import aside
from heropixel.errors import AddressForbidden
from heropixel.installation.addresses import Address
from heropixel.installation.bounded import BoundedTransport
from heropixel.installation.urls import Unusable, joined

MAX_BYTES = 2_000_000  # of an answer, both compressed and decompressed
MAX_CHUNKS = 20_000  # of an answer: each costs the processor as much as a thousand bytes
MAX_REDIRECTS = 5
_MAX_ADDRESSES = 4  # tried for one name
_CONNECT_SECONDS = 3  # for each address
_REDIRECTS = {301, 302, 303, 307, 308}
_AGENT = f"heropixel/{version('heropixel')} (verify)"

LookUp = Callable[[str, int], Sequence[str]]


class Cause(Enum):
    """Why there is no answer, as far as the user can do something about it."""

    NO_ADDRESS = auto()
    REFUSED = auto()
    SILENT = auto()
    CERTIFICATE = auto()
    NO_TLS = auto()
    REDIRECTS = auto()
    OTHER = auto()


class NotFetched(Exception):  # noqa: N818 - named as what did not happen
    """There is no answer. It has the URL, and the reason as the end of a sentence."""

    def __init__(self, url: httpx.URL, why: str, cause: Cause = Cause.OTHER) -> None:
        super().__init__(why)
        self.url = url  # after the redirects that were followed
        self.cause = cause


class Fetched(NamedTuple):
    """An answer."""

    url: httpx.URL  # after the redirects
    status: int
    headers: httpx.Headers
    body: bytes
    cut: bool = False  # the body was longer
    redirected: bool = False

    @property
    def media_type(self) -> str:
        """Its media type, in lower case."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver, which also reads forms such as 0x7f.1."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


_TRUSTING_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # httpx wants a context for http, too


class Fetcher:
    """Fetches from allowed addresses. Its exceptions reveal no more about addresses than necessary."""

    def __init__(
        self,
        allowed: Callable[[Address], bool],
        look_up: LookUp = look_up,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = allowed
        self._look_up = look_up
        self._tls = tls  # None: httpx's certificates, loaded at the first https, since loading takes 25 ms

    async def fetch(
        self,
        url: httpx.URL,
        until: float,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        redirects: int = MAX_REDIRECTS,
    ) -> Fetched:
        """The answer, after at most so many redirects. `until` is a time of the event loop.

        Raises:
            AddressForbidden: the URL or one of its redirects is at an address that is not allowed.
            NotFetched: there is no answer.
        """
        try:
            async with asyncio.timeout_at(until):
                return await self._follow(url, method, headers or {}, redirects)
        except TimeoutError:
            raise NotFetched(url, "did not answer completely within the time limit", Cause.SILENT) from None

    async def _follow(self, url: httpx.URL, method: str, headers: Mapping[str, str], redirects: int) -> Fetched:
        asked = url
        for hop in range(redirects + 1):
            fetched = await self._once(url, method, headers)
            location = fetched.headers.get("location")
            if fetched.status not in _REDIRECTS or location is None or redirects == 0:
                return fetched._replace(redirected=hop > 0)
            try:
                url = joined(url, location)
            except Unusable as error:
                raise NotFetched(url, f"redirects to an address that cannot be opened: {error}") from None
        raise NotFetched(asked, f"redirects more than {redirects} times", Cause.REDIRECTS)

    async def _once(self, url: httpx.URL, method: str, headers: Mapping[str, str]) -> Fetched:
        failed: httpx.HTTPError | None = None
        tls = await self._tls_for(url)
        for address in await self._addresses(url):
            # A transport for each: a kept connection would be reused for another name at the same address.
            async with BoundedTransport(tls) as transport:
                try:
                    response = await transport.handle_async_request(_request(url, address, method, headers))
                    body, cut = await _read(url, response)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failed = error
                except httpx.HTTPError as error:
                    raise _not_fetched(url, error) from None
                else:
                    return Fetched(url, response.status_code, response.headers, body, cut)
        raise _not_fetched(url, failed)

    async def _tls_for(self, url: httpx.URL) -> ssl.SSLContext:
        if url.scheme != "https":
            return _TRUSTING_NOBODY
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)
        return self._tls

    async def _addresses(self, url: httpx.URL) -> list[Address]:
        """The allowed addresses, in the order of the resolver."""
        host, port = url.raw_host.decode(), url.port or _PORTS[url.scheme]
        try:
            found = await aside(self._look_up, host, port)  # a resolver may hang
            addresses = [ipaddress.ip_address(text) for text in found]
        except (OSError, UnicodeError, ValueError):
            raise NotFetched(url, f"cannot be found: {host} has no address", Cause.NO_ADDRESS) from None
        allowed = [address for address in dict.fromkeys(addresses) if self._allowed(address)]
        if addresses and not allowed:
            raise AddressForbidden(host=host)
        return allowed[:_MAX_ADDRESSES]


_PORTS = {"http": 80, "https": 443}


def _request(url: httpx.URL, address: Address, method: str, headers: Mapping[str, str]) -> httpx.Request:
    return httpx.Request(
        method,
        url.copy_with(host=str(address), fragment=None),
        headers={
            "Host": url.netloc.decode(),
            "User-Agent": _AGENT,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **headers,
        },
        extensions={
            "sni_hostname": url.raw_host.decode().rstrip("."),
            "timeout": {"connect": _CONNECT_SECONDS},
        },
    )


async def _read(url: httpx.URL, response: httpx.Response) -> tuple[bytes, bool]:
    """The body, decompressed, and whether it was cut."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise NotFetched(url, f"answers in an encoding that was not requested ({encoding[:20]})")
    inflate = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body, taken, chunks = bytearray(), 0, 0
    try:
        async for chunk in response.aiter_raw():
            taken += len(chunk)
            chunks += 1
            # Never decompress more than the limit: a few bytes of gzip may expand to gigabytes.
            body += inflate.decompress(chunk, MAX_BYTES + 1 - len(body)) if inflate else chunk
            if max(taken, len(body)) > MAX_BYTES or chunks > MAX_CHUNKS:
                return bytes(body[:MAX_BYTES]), True
    except zlib.error:
        raise NotFetched(url, "says that its answer is gzip, and it is not") from None
    finally:
        await response.aclose()
    return bytes(body), False


# The names of the error in OpenSSL, before 3.2 and since.
_WITHOUT_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}


def _not_fetched(url: httpx.URL, error: httpx.HTTPError | None) -> NotFetched:
    """The reason of the failure, in words without an address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotFetched(url, f"has a certificate that is not valid: {cause.verify_message}", Cause.CERTIFICATE)
        if isinstance(cause, ssl.SSLError) and cause.reason in _WITHOUT_TLS:
            return NotFetched(url, "answers in plain http, not over TLS", Cause.NO_TLS)
        if isinstance(cause, ssl.SSLError):
            return NotFetched(url, "does not answer with valid TLS")
        if isinstance(cause, ConnectionRefusedError):
            return NotFetched(url, "refuses the connection", Cause.REFUSED)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return NotFetched(url, "does not answer", Cause.SILENT)
    if isinstance(error, httpx.ProtocolError):
        return NotFetched(url, "does not answer with valid HTTP")
    return NotFetched(url, "does not accept the connection")
