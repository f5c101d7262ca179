"""Beacons as a browser sends them: with the body of the script and the headers of Chromium."""

import hashlib
import random
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import msgspec

from benchmarks.pageviews import single_body
from benchmarks.world import DOMAIN, UNKNOWN_SHARE, World, email

SITE = f"https://www.{DOMAIN}"
_CONSENTING = 0.5  # of the visitors; the others are counted by a daily hash
_IDENTIFIED = 0.1  # of those who consent

_PAGES = (
    "",
    "shoes",
    "shoes/red-ones?size=42",
    "cart",
    "search?q=boots&page=2",
    "news?utm_source=letter&utm_medium=email",
)
_REFERRERS = ("", "https://www.google.com/", f"{SITE}/shoes", "https://news.example.net/best-shoes")
_LANGUAGES = ("de-CH,de;q=0.9,en;q=0.8", "en-US,en;q=0.9", "fr-FR,fr;q=0.9")
_SYSTEMS = (
    ("Windows NT 10.0; Win64; x64", '"Windows"', "1920x1080"),
    ("Macintosh; Intel Mac OS X 10_15_7", '"macOS"', "1728x1117"),
    ("X11; Linux x86_64", '"Linux"', "2560x1440"),
    ("Linux; Android 10; K", '"Android"', "412x915"),
)
_VERSIONS = range(128, 144)


class Browsers:
    """Makes beacons, each from another visitor."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self.chance = random.Random(seed)
        self._made = time.time_ns() // 1_000_000

    def collects(self) -> Iterator[bytes]:
        """Endless requests to `/collect`, each with its own id."""
        while True:
            yield self.collect(self._claims())

    def pictures(self) -> Iterator[bytes]:
        """Endless requests for `/pixel.gif`, each with its own id."""
        chance = self.chance
        while True:
            page, referrer = f"{SITE}/{chance.choice(_PAGES)}", chance.choice(_REFERRERS)
            fields = {
                "pixelId": self._world.pixel,
                "id": self._id(),
                "url": page,
                "referrer": referrer,
                "title": "Shoes",
            }
            head = self._head(f"GET /pixel.gif?{urlencode(fields)}", ("image", "no-cors"), page)
            yield f"{head}\r\n".encode()

    def mutations(self) -> Iterator[bytes]:
        """The same pageviews as bodies of the mutation `pageview`, as a site's server would send them."""
        while True:
            _, said = self._said(self._claims())
            told = {"domain": f"www.{DOMAIN}", "userAgent": self._agent(), "eventId": said.pop("id")}
            yield single_body(self._world, {**said, **told})

    def collect(self, claims: dict[str, object]) -> bytes:
        """A request to `/collect` with claims: who the visitor is."""
        page, said = self._said(claims)
        body = msgspec.json.encode(said)
        head = self._head("POST /collect", ("empty", "cors"), page)
        more = f"Content-Type: text/plain;charset=UTF-8\r\nOrigin: {SITE}\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"{head}{more}".encode() + body

    def claims_of(self, user: int) -> dict[str, object]:
        """The claims of a new browser that it is a user's."""
        return {**self._consenting(), "sha256": hashlib.sha256(email(user).encode()).hexdigest()}

    def _said(self, claims: dict[str, object]) -> tuple[str, dict[str, object]]:
        """A page, and the fields that the script sends for it."""
        chance = self.chance
        page = f"{SITE}/{chance.choice(_PAGES)}"
        screen = chance.choice(_SYSTEMS)[2]
        return page, {
            "pixelId": self._world.pixel,
            "id": self._id(),
            "url": page,
            "title": "Shoes, boots and slippers - the example shop",
            "referrer": chance.choice(_REFERRERS),
            "language": "de-CH",
            "timezone": "Europe/Zurich",
            "screen": screen,
            "viewport": screen,
            **claims,
        }

    def _claims(self) -> dict[str, object]:
        chance = self.chance
        if chance.random() >= _CONSENTING:
            return {}
        if chance.random() >= _IDENTIFIED:
            return self._consenting()
        user = chance.randrange(self._world.users)
        return self.claims_of(user + self._world.users if chance.random() < UNKNOWN_SHARE else user)

    def _agent(self) -> str:
        system, platform, _ = self.chance.choice(_SYSTEMS)
        return _agent(system, self.chance.choice(_VERSIONS), mobile=platform == '"Android"')

    def _id(self) -> str:
        """An id as the script makes it: the time in milliseconds, with the jitter of clocks, then random digits."""
        self._made += self.chance.randrange(2)
        return f"{self._made - self.chance.randrange(1_000)}{self.chance.randbytes(10).hex()[1:]}"

    def _consenting(self) -> dict[str, object]:
        return {"consent": True, "visitorId": f"hp1.{_hex(self.chance)}"}

    def _head(self, what: str, destination: tuple[str, str], page: str) -> str:
        chance = self.chance
        system, platform, _ = chance.choice(_SYSTEMS)
        version = chance.choice(_VERSIONS)
        mobile = platform == '"Android"'
        return (
            f"{what} HTTP/1.1\r\n"
            "Host: 127.0.0.1\r\n"
            "Connection: keep-alive\r\n"
            f"sec-ch-ua-platform: {platform}\r\n"
            f"User-Agent: {_agent(system, version, mobile=mobile)}\r\n"
            f'sec-ch-ua: "Chromium";v="{version}", "Not=A?Brand";v="24", "Google Chrome";v="{version}"\r\n'
            f"sec-ch-ua-mobile: ?{mobile:d}\r\n"
            "Accept: */*\r\n"
            "Sec-Fetch-Site: cross-site\r\n"
            f"Sec-Fetch-Mode: {destination[1]}\r\n"
            f"Sec-Fetch-Dest: {destination[0]}\r\n"
            f"Referer: {page}\r\n"
            "Accept-Encoding: gzip, deflate, br, zstd\r\n"
            f"Accept-Language: {chance.choice(_LANGUAGES)}\r\n"
        )


def _agent(system: str, version: int, *, mobile: bool) -> str:
    kind = "Mobile " if mobile else ""
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 {kind}Safari/537.36"


def _hex(chance: random.Random) -> str:
    return chance.randbytes(16).hex()
