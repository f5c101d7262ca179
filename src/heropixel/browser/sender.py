"""The sender of a beacon, from the headers of its request: the page itself cannot write these."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from heropixel.browser.consent import Cookie, asks_for_privacy
from heropixel.browser.drops import OriginMissing
from heropixel.directory.hosts import registrable_of
from heropixel.enrichment import NO_HINTS, NOWHERE, Place, PlaceHeaders, Places, host_of, parts_of
from heropixel.recording.pageview import TEXT_LIMITS
from heropixel.wire.asgi import Scope, peer_of
from heropixel.wire.proxies import Proxies

_NOT_SAID = (b"", b"null")


class Sender(NamedTuple):
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

    def address_of(self, scope: Scope) -> str:
        """The visitor's address."""
        return self._proxies.address_of(peer_of(scope), scope["headers"])

    def sender_of(self, scope: Scope, headers: Mapping[bytes, bytes], address: str) -> Sender:
        """The sender of a request.

        Raises:
            OriginMissing: the request does not say from which site it comes.
        """
        referrer = headers.get(b"referer", b"").decode("latin-1")
        site = headers.get(b"origin", b"")
        written = referrer if site in _NOT_SAID else site.decode("latin-1")
        origin = host_of(parts_of(written).host)
        if not origin:
            raise OriginMissing
        peer = peer_of(scope)
        return Sender(
            # Positional arguments: keyword arguments take twice as long.
            address,
            referrer,
            origin,
            written.startswith("https:"),
            _text(headers, b"user-agent", _MAX_AGENT),
            _text(headers, b"sec-ch-ua", _MAX_AGENT) or NO_HINTS,
            _text(headers, b"accept-language", TEXT_LIMITS["language"]),
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


def _text(headers: Mapping[bytes, bytes], name: bytes, limit: int) -> str:
    """A header, cut to `limit`: a longer one is no reason to lose the pageview."""
    return headers.get(name, b"").decode("latin-1").strip()[:limit]
