"""Takes in a beacon: checks where it comes from and what may be known of its visitor, and has it recorded.

Neither the answer nor its time depends on who the visitor is. The recorder returns the user of a pageview, and nothing
here uses it. Links are written later (docs/decisions/0011).
"""

import hashlib
import re
from collections.abc import Callable
from math import ceil
from urllib.parse import urljoin

from heropixel import metrics
from heropixel.browser.beacon import Beacon, BeaconEvent
from heropixel.browser.claiming import Claiming
from heropixel.browser.consent import (
    OUT,
    REFUSED,
    Consent,
    consent_of,
    erase_cookie,
    is_visitor_id,
    new_visitor_id,
    set_cookie,
)
from heropixel.browser.daily import DailyHashes
from heropixel.browser.drops import (
    OPTED_OUT,
    REPLAYED,
    InvalidId,
    MalformedBeacon,
    TooManyBeacons,
)
from heropixel.browser.sender import Sender
from heropixel.browser.unauthorized_sites import UnauthorizedSites
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.news import News
from heropixel.directory.registry import Pixel, Registry
from heropixel.enrichment import NOWHERE, host_of, parts_of
from heropixel.errors import (
    DomainNotAuthorized,
    FieldTooLong,
    InvalidDomain,
    PixelNotFound,
    PlaceholderIdentifier,
    RoundedIdentifier,
)
from heropixel.identity.claim import claim_of
from heropixel.identity.identifiers import Claims, Index, parse_digest, parse_opaque
from heropixel.metrics.soon import soon
from heropixel.nothing import is_nothing
from heropixel.recording.calls import ChangedMeanwhile
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.recording.recorder import Recorder
from heropixel.recording.room import Room
from heropixel.values import BEACON
from heropixel.wire.rate_limits import RateLimit, address_key


class Intake:
    """Takes beacons in."""

    def __init__(
        self,
        registry: Registry,
        recorder: Recorder,
        news: News,
        room: Room,
        claiming: Claiming,
        index: Index,
        hashes: DailyHashes,
        by_address: RateLimit,
        by_pixel: RateLimit,
        clock: Callable[[], int],
        *,
        pages_identify: bool = True,
    ) -> None:
        self._registry = registry
        self._recorder = recorder
        self._news = news
        self._room = room
        self._claiming = claiming
        self._index = index
        self._hashes = hashes
        self._by_address = by_address
        self._by_pixel = by_pixel
        self._clock = clock
        self._pages_identify = pages_identify
        self._unauthorized_sites = UnauthorizedSites(clock)

    def admit(self, address: str) -> None:
        """Count a beacon of this address in the rate limit, before the beacon is parsed.

        Raises:
            TooManyBeacons: the address has sent too many.
        """
        _wait(self._by_address.take(address_key(address)), "address")

    async def take(self, beacon: Beacon, sender: Sender) -> bytes | None:
        """Record what a beacon says. Returns the cookie to set, if there is one.

        Raises:
            Drop, Refusal: the beacon is not accepted.
        """
        seen, pixel, domain = await self._found_site(beacon, sender)
        _wait(self._by_pixel.take(pixel.id), "pixel")
        while True:
            try:
                return await self._take(beacon, sender, pixel, domain, seen)
            except ChangedMeanwhile:
                seen, pixel, domain = await self._found_site(beacon, sender)

    async def _found_site(self, beacon: Beacon, sender: Sender) -> tuple[int, Pixel, str]:
        """The revision of what was looked into, the pixel, and the host name of the page."""
        while True:
            seen = self._registry.revision
            try:
                return seen, *self._site_of(beacon, sender)
            except (PixelNotFound, DomainNotAuthorized):
                if not await self._news.since(seen):
                    raise

    async def _take(self, beacon: Beacon, sender: Sender, pixel: Pixel, domain: str, seen: int) -> bytes | None:
        if sender.cookie.opted_out:
            metrics.beacons_dropped.labels(OPTED_OUT).inc()
            return set_cookie(OUT, sender.origin, secure=sender.secure) if sender.first_party else None
        consent = consent_of(pixel.consent_mode, beacon.consent, sender.cookie, private=_is_private(beacon, sender))
        visitor = _visitor_of(beacon, sender) if consent.allowed else None
        if beacon.event is BeaconEvent.PAGEVIEW or (beacon.replaces and visitor):
            await self._record(beacon, sender, pixel, domain, consent, visitor, seen)
        elif beacon.event is BeaconEvent.IDENTIFY and visitor and self._pages_identify:
            await self._claim(beacon, pixel, visitor)
        return _cookie_for(visitor, beacon, sender, pixel)

    def _site_of(self, beacon: Beacon, sender: Sender) -> tuple[Pixel, str]:
        """The pixel, and the host name of the page."""
        pixel = self._registry.pixels.get(beacon.pixel_id)
        if pixel is None:
            raise PixelNotFound
        self._check_domain(pixel, sender.origin)
        url = _url_of(beacon, sender)
        if not url:
            raise MalformedBeacon(why="url: it is missing")
        host = host_of(parts_of(url).host) if _WITH_SCHEME.match(url) else ""
        if not host:
            raise InvalidDomain
        if host != sender.origin:
            self._check_domain(pixel, host)
        return pixel, host

    def _check_domain(self, pixel: Pixel, host: str) -> None:
        """Raise DomainNotAuthorized if the pixel may not be used on this host."""
        if not pixel.authorises(host):
            self._unauthorized_sites.note(pixel.id, host)
            raise DomainNotAuthorized

    async def _record(
        self, beacon: Beacon, sender: Sender, pixel: Pixel, host: str, consent: Consent, visitor: str | None, seen: int
    ) -> None:
        event = PageviewEvent(
            pixel_id=pixel.id,
            domain=host,
            sha256=_sha256(beacon) if consent.allowed and self._pages_identify else None,
            external_id=_external_id(beacon) if consent.allowed and self._pages_identify else None,
            visitor_id=visitor,
            consent=consent.said,
            properties=beacon.properties,
            event_id=beacon.id,
            url=_url_of(beacon, sender),
            canonical=beacon.canonical,
            referrer=beacon.referrer,
            title=beacon.title,
            description=beacon.description,
            user_agent=sender.user_agent,
            client_hints=sender.client_hints,
            language=beacon.language or sender.languages.partition(",")[0].partition(";")[0],
            timezone=beacon.timezone,
            screen=beacon.screen,
            viewport=beacon.viewport,
        )
        pageview = Pageview.parse(
            event,
            pixel,
            self._clock(),
            where=None if sender.place is NOWHERE else lambda _ip: sender.place,
            from_browser=True,
            anonymous_visitor="" if visitor else self._hashes.visitor_of(pixel.id, sender.address, sender.user_agent),
        )
        if beacon.replaces:
            pageview.row.replaces = BEACON + beacon.replaces
        self._room.check()
        # Subscribers have received what it replaces.
        (resolution,) = await self._recorder.record((pageview,), live=not beacon.replaces, seen=seen)
        if resolution.repeated:
            metrics.beacons_dropped.labels(REPLAYED).inc()
        else:
            soon.count(metrics.beacons)

    async def _claim(self, beacon: Beacon, pixel: Pixel, visitor: str) -> None:
        claims = Claims.parse(external_id=_external_id(beacon), sha256=_sha256(beacon), visitor_id=visitor)
        if claims.external_id or claims.sha256:
            await self._claiming.keep(claim_of(pixel.app, claims, self._index, self._clock()))


def _url_of(beacon: Beacon, sender: Sender) -> str:
    """The address of the page. What a template knows may be a path; what it has not filled is nothing."""
    url = beacon.url
    if url and not _WITH_SCHEME.match(url):
        url = "" if is_nothing(url.strip()) else urljoin(sender.page, url) if _PATH.match(url) else url
    return url or sender.page


_PATH = re.compile("/(?!/)")
_WITH_SCHEME = re.compile("[a-z][a-z0-9+.-]*://", re.IGNORECASE)  # web views have schemes of their own: capacitor://


def _wait(seconds: float, address_or_pixel: str) -> None:
    if seconds:
        raise TooManyBeacons(address_or_pixel=address_or_pixel, seconds=ceil(seconds))


def _is_private(beacon: Beacon, sender: Sender) -> bool:
    """Whether the visitor asks for privacy. A proxy may have taken the header away that the script still sees."""
    return sender.private or beacon.private is True


def _external_id(beacon: Beacon) -> str | None:
    """The external id that the page gives. A template without a value is no reason to lose a pageview."""
    if not beacon.external_id:
        return None
    try:
        return parse_opaque("externalId", beacon.external_id)
    except (PlaceholderIdentifier, RoundedIdentifier, FieldTooLong):
        return None


def _sha256(beacon: Beacon) -> str | None:
    """The digest that the page gives, unless it is that of a template without a value."""
    if not beacon.sha256:
        return None
    try:
        parse_digest("sha256", beacon.sha256, hashlib.sha256().digest_size)
    except PlaceholderIdentifier:
        return None
    return beacon.sha256


def _visitor_of(beacon: Beacon, sender: Sender) -> str | None:
    """The visitor id: that of the cookie, that of the page, or a new one where a cookie can keep it."""
    if beacon.visitor_id and not is_visitor_id(beacon.visitor_id):
        raise InvalidId(field="visitorId", form="an id that the script has made")
    if sender.cookie.visitor_id or beacon.visitor_id:
        return sender.cookie.visitor_id or beacon.visitor_id
    # A script sends "" if its browser keeps no cookie: a new id for each page would count one visitor many times.
    return new_visitor_id() if sender.first_party and beacon.visitor_id is None else None


def _cookie_for(visitor: str | None, beacon: Beacon, sender: Sender, pixel: Pixel) -> bytes | None:
    """The cookie for the browser to keep. Safari keeps a cookie that a script has set for only seven days."""
    if not sender.first_party:
        return None
    cookie, host = sender.cookie, sender.origin
    if visitor:
        return None if cookie.visitor_id else set_cookie(visitor, host, secure=sender.secure)
    if beacon.consent is False and pixel.consent_mode == ConsentMode.IMPLIED:
        # The script's own cookie would not last. But not with each pageview: the visitor may consent before its answer.
        is_known = cookie.refused and beacon.event is not BeaconEvent.CONSENT
        return None if is_known else set_cookie(REFUSED, host, secure=sender.secure)
    # A visitor who asks for privacy now may have consented before.
    return erase_cookie(host, secure=sender.secure) if cookie.visitor_id or beacon.consent is False else None
