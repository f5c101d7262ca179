"""What a page's content security policies allow, by Content Security Policy Level 3. Pure.

Where browsers differ from the text (IP addresses as hosts, port 80 of upgraded requests), it does what browsers do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import httpx

from heropixel.installation.urls import origin_of


class FetchKind(StrEnum):
    """The kinds of requests of a page, by the directive of each."""

    SCRIPT = "script-src-elem"
    CONNECTION = "connect-src"
    IMAGE = "img-src"


_FALLBACKS = {
    FetchKind.SCRIPT: ("script-src-elem", "script-src", "default-src"),
    FetchKind.CONNECTION: ("connect-src", "default-src"),
    FetchKind.IMAGE: ("img-src", "default-src"),
}
# The directive to add where only the fallback is there: the one that is best known.
_ADDED = {FetchKind.SCRIPT: "script-src", FetchKind.CONNECTION: "connect-src", FetchKind.IMAGE: "img-src"}


class PageFetch(NamedTuple):
    """A request that the page would make."""

    kind: FetchKind
    url: httpx.URL
    nonce: str = ""
    integrity: str = ""
    redirected: bool = False  # True: paths are not compared


class Policy(NamedTuple):
    """One policy: its directives in lower case, each with its sources as they are written."""

    directives: Mapping[str, Sequence[str]]
    in_header: bool = True

    def forbids(self, request: PageFetch, page: httpx.URL) -> str | None:
        """None if the policy allows the request; otherwise a directive to paste that would allow it."""
        if request.kind is FetchKind.SCRIPT and self.sandboxed:
            return " ".join(["sandbox", *self.directives["sandbox"], "allow-scripts"])
        for name in _FALLBACKS[request.kind]:
            if name in self.directives:
                sources = self.directives[name]
                return None if _allows(sources, request, page) else _allowing(name, sources, request, page)
        return None

    @property
    def sandboxed(self) -> bool:
        """Whether no script at all runs."""
        flags = self.directives.get("sandbox")
        return flags is not None and "allow-scripts" not in map(str.lower, flags)

    @property
    def upgrades(self) -> bool:
        """Whether http requests are sent as https instead."""
        return "upgrade-insecure-requests" in self.directives


def of_headers(values: Iterable[str]) -> list[Policy]:
    """The policies of the headers `Content-Security-Policy`. Each header may hold several."""
    policies = [_parsed(text, in_header=True) for value in values for text in value.split(",")]
    return [policy for policy in policies if policy.directives]


# Directives that do not work in a `meta`.
_ONLY_HEADERS = ("report-uri", "frame-ancestors", "sandbox")


def of_meta(content: str) -> Policy:
    """The policy of a `meta http-equiv="Content-Security-Policy"`. It is a single one, even with a comma in it."""
    policy = _parsed(content, in_header=False)
    return policy._replace(
        directives={name: value for name, value in policy.directives.items() if name not in _ONLY_HEADERS}
    )


def _parsed(text: str, *, in_header: bool) -> Policy:
    directives: dict[str, Sequence[str]] = {}
    for directive in text.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            directives.setdefault(name.lower(), sources)  # the first directive of a name counts
    return Policy(directives, in_header)


def _allowing(name: str, sources: Sequence[str], request: PageFetch, page: httpx.URL) -> str:
    """The directive, completed by the missing source."""
    kept = [source for source in sources if source.lower() != "'none'"]
    if request.kind is FetchKind.SCRIPT and _has(sources, "'strict-dynamic'"):
        more = _hashes_of(request.integrity) or ["'nonce-...'"]  # hosts are ignored there
    else:
        same = origin_of(request.url) == origin_of(page)
        more = ["'self'" if same and not _has(sources, "'self'") else origin_of(request.url)]
    return " ".join([_ADDED[request.kind] if name == "default-src" else name, *kept, *more])


def _allows(sources: Sequence[str], request: PageFetch, page: httpx.URL) -> bool:
    if request.kind is FetchKind.SCRIPT:
        if request.nonce and f"'nonce-{request.nonce}'" in (_quoted_lower(source) for source in sources):
            return True
        if _integrity_stands_in(sources, request.integrity):
            return True
        if _has(sources, "'strict-dynamic'"):  # a script in the HTML needs one of the above
            return False
    return any(_fits(source, request, page) for source in sources)


def _has(sources: Iterable[str], keyword: str) -> bool:
    return any(source.lower() == keyword for source in sources)


def _quoted_lower(source: str) -> str:
    """A nonce or hash with its keyword in lower case: only the value is case-sensitive."""
    keyword, dash, value = source.partition("-")
    return f"{keyword.lower()}{dash}{value}"


_HASH = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})", re.IGNORECASE)


def _hashes_of(integrity: str) -> list[str]:
    """The hashes of an `integrity` attribute as sources."""
    found = (_HASH.match(word) for word in integrity.split())
    return [f"'{one[1].lower()}-{_standard(one[2])}'" for one in found if one]


def _standard(base64: str) -> str:
    return base64.replace("-", "+").replace("_", "/")


def _integrity_stands_in(sources: Sequence[str], integrity: str) -> bool:
    """Whether every hash that the tag accepts is one that the policy lists."""
    listed = {hash_ for source in sources for hash_ in _hashes_of(source.strip("'"))}
    wanted = _hashes_of(integrity)
    return bool(wanted) and listed.issuperset(wanted)


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}


def _fits(source: str, request: PageFetch, page: httpx.URL) -> bool:
    """Whether one source covers the URL."""
    url = request.url
    if source == "*":
        return url.scheme in _PORTS or url.scheme == page.scheme
    if source.lower() == "'self'":
        return _is_self(url, page)
    if _SCHEME.fullmatch(source):
        return _scheme_fits(source[:-1].lower(), url.scheme)
    found = _HOST.fullmatch(source)
    if not found:
        return False
    return (
        _scheme_fits((found["scheme"] or page.scheme).lower(), url.scheme)
        and _host_fits(found["host"].lower(), url)
        and _port_fits(found["port"], url)
        and (request.redirected or _path_fits(found["path"], url))
    )


def _is_self(url: httpx.URL, page: httpx.URL) -> bool:
    if origin_of(url) == origin_of(page):
        return True
    upgraded = url.host == page.host and url.scheme == "https" and page.scheme == "http"
    return upgraded and url.port == page.port and page.port is None


def _scheme_fits(wanted: str, scheme: str) -> bool:
    return wanted == scheme or (wanted == "http" and scheme == "https")


def _host_fits(wanted: str, url: httpx.URL) -> bool:
    host = url.raw_host.decode().lower()
    if wanted == "*":
        return True
    if wanted.startswith("*."):
        return host.endswith(wanted[1:])
    return wanted.strip("[]") == host


def _port_fits(wanted: str | None, url: httpx.URL) -> bool:
    if wanted == "*":
        return True
    if wanted is None:
        return url.port is None
    port = url.port or _PORTS[url.scheme]
    return int(wanted) == port or (int(wanted) == _PORTS["http"] and port == _PORTS["https"])


def _path_fits(wanted: str | None, url: httpx.URL) -> bool:
    if not wanted or wanted == "/":
        return True
    asked = wanted.split("/")
    given = url.raw_path.decode("ascii", "replace").partition("?")[0].split("/")
    if wanted.endswith("/"):  # everything below the path
        fits = len(asked) <= len(given)
        asked.pop()
    else:
        fits = len(asked) == len(given)
    return fits and all(
        unquote_to_bytes(one) == unquote_to_bytes(other) for one, other in zip(asked, given, strict=False)
    )
