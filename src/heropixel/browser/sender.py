"""The sender of a beacon, from the headers of its request: the page itself cannot write these."""

from collections.abc import Mapping, Sequence

import msgspec

from heropixel.browser.consent import Cookie, asks_for_privacy
from heropixel.browser.drops import OriginMissing
from heropixel.directory.hosts import registrable_of
from heropixel.enrichment import NO_HINTS, NOWHERE, Place, PlaceHeaders, Places, host_of, parts_of
from heropixel.recording.pageview import TEXT_LIMITS
from heropixel.remembering import remembered
from heropixel.wire.asgi import Scope, peer_of
from heropixel.wire.proxies import Proxies

_NOT_SAID = (b"", b"null")


class Sender(msgspec.Struct, frozen=True, gc=False):  # made faster than a tuple with names, for each beacon
    """The browser, the page, and how the request came here."""

    address: str
    page: str  # the Referer
    origin: str  # the host name of the site the beacon comes from, normalised
    secure: bool  # the site is served over HTTPS
    user_agent: str
    client_hints: str
    languages: str  # Accept-Language
    cookie: Cookie
    private: bool  # Global Privacy Control or Do Not Track is on
    first_party: bool  # this server is of the same site
    place: Place


class Senders:
    """Reads the headers of requests, by the operator's settings of proxies."""

    def __init__(self, proxies: Proxies, place_headers: PlaceHeaders | None, places: Places | None) -> None:
        self._proxies = proxies
        self._place_headers = place_headers
        self._places = places

    def address_of(self, scope: Scope, headers: Mapping[bytes, bytes]) -> str:
        """The visitor's address."""
        return self._proxies.address_of(peer_of(scope), scope["headers"], headers)

    def sender_of(self, scope: Scope, headers: Mapping[bytes, bytes], address: str) -> Sender:
        """The sender of a request.

        Raises:
            OriginMissing: the request does not say from which site it comes.
        """
        referrer = headers.get(b"referer", b"").decode("latin-1")
        site = headers.get(b"origin", b"")
        if site in _NOT_SAID:
            origin, secure = host_of(parts_of(referrer).host), referrer.startswith("https:")
        else:
            origin, secure = _site_of(site)
        if not origin:
            raise OriginMissing
        peer = peer_of(scope)
        return Sender(
            # Positional arguments: keyword arguments take twice as long.
            address,
            referrer,
            origin,
            secure,
            _agent(headers.get(b"user-agent", b"")),
            _agent(headers.get(b"sec-ch-ua", b"")) or NO_HINTS,
            _languages(headers.get(b"accept-language", b"")),
            Cookie.parse(headers.get(b"cookie", b"")),
            asks_for_privacy(headers),
            self._is_first_party(headers, peer, scope["headers"], origin),
            self._place(peer, headers, address),
        )

    def _is_first_party(
        self, headers: Mapping[bytes, bytes], peer: str, raw: Sequence[tuple[bytes, bytes]], origin: str
    ) -> bool:
        """By what the browser says (Fetch Metadata Request Headers). For an older browser our own host name decides."""
        said = headers.get(b"sec-fetch-site")
        if said is not None:
            return said in (b"same-origin", b"same-site")
        here = host_of(self._proxies.forwarded_host(peer, raw))
        return bool(here) and registrable_of(here) == registrable_of(origin)

    def _place(self, peer: str, headers: Mapping[bytes, bytes], address: str) -> Place:
        if self._place_headers is not None:
            place = self._place_headers.place_of(peer, headers)
            if place.country or self._place_headers.hides(peer, headers):
                return place
        return self._places.place_of(address) if self._places else NOWHERE


# Characters of the user agent and of client hints. Those of browsers have 400. The bot rules can take 50 ms for 2,000
# that an attacker has made up.
_MAX_AGENT = 512


_MAX_LANGUAGES = TEXT_LIMITS["language"]


@remembered(longest=_MAX_AGENT)
def _agent(header: bytes) -> str:
    """A user agent or hints, cut: a longer one is no reason to lose the pageview."""
    return header.decode("latin-1").strip()[:_MAX_AGENT]


@remembered(longest=_MAX_AGENT)
def _languages(header: bytes) -> str:
    return header.decode("latin-1").strip()[:_MAX_LANGUAGES]


@remembered(longest=300)  # a host name has 253 characters at most
def _site_of(origin: bytes) -> tuple[str, bool]:
    """The host name in the header `Origin`, normalised, and whether it is served over HTTPS."""
    written = origin.decode("latin-1")
    return host_of(parts_of(written).host), written.startswith("https:")
