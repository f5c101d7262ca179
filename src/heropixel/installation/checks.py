"""The checks in their order: each says what was found and, where it is not right, what to do. Pure."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

import httpx
import msgspec

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import normalise_host
from heropixel.directory.registry import Pixel
from heropixel.installation.evidence import HTML, Evidence, is_mixed
from heropixel.installation.fetch import MAX_BYTES, Fetched
from heropixel.installation.pasting import domain_command, shown, tag_line
from heropixel.installation.policy import Kind, Request
from heropixel.installation.tags import Page, Tag
from heropixel.installation.urls import origin_of


class CheckName(StrEnum):
    """The checks."""

    PAGE_REACHABLE = "PAGE_REACHABLE"
    TAG_FOUND = "TAG_FOUND"
    PIXEL_KNOWN = "PIXEL_KNOWN"
    DOMAIN_AUTHORIZED = "DOMAIN_AUTHORIZED"
    SCRIPT_REACHABLE = "SCRIPT_REACHABLE"
    INTEGRITY = "INTEGRITY"
    ENDPOINT_REACHABLE = "ENDPOINT_REACHABLE"
    POLICY_ALLOWS = "POLICY_ALLOWS"
    CONSENT_AGREES = "CONSENT_AGREES"


class Check(msgspec.Struct, frozen=True):
    """What one check says."""

    name: CheckName
    passed: bool | None  # None: it could not be made
    found: str
    to_do: str | None  # None: nothing


class Case(NamedTuple):
    """What is judged, and by what."""

    seen: Evidence
    pixels: Mapping[int, Pixel]  # that the tag may name
    wanted: int | None  # which it is to name

    @property
    def named(self) -> int | None:
        """The pixel that the page names."""
        tag, read = self.seen.tag, self.seen.read
        if tag and tag.pixel is not None:
            return tag.pixel
        return read.pushed if read else None

    @property
    def pixel(self) -> Pixel | None:
        """The pixel that the page is to have: as asked for, else as it says."""
        number = self.named if self.wanted is None else self.wanted
        return None if number is None else self.pixels.get(number)

    @property
    def host(self) -> str:
        """Of the page, as the door normalises it."""
        return normalise_host(self.seen.url.host) or ""

    def line(self, **changed: str) -> str:
        """The tag as it should be."""
        pixel = self.pixel or self._likely()
        mode = pixel.consent_mode if pixel else ConsentMode.REQUIRED
        return tag_line(pixel.id if pixel else None, self.seen.tag, mode, **changed)

    def _likely(self) -> Pixel | None:
        """Which pixel is meant, where only one can be."""
        likely = [pixel for pixel in self.pixels.values() if pixel.authorises(self.host)]
        return likely[0] if len(likely) == 1 else None


class Finding(NamedTuple):
    """What a check found."""

    passed: bool | None
    found: str
    to_do: str | None = None


def judged(case: Case) -> Sequence[Check]:
    """What every check says."""
    return tuple(Check(name, *check(case)) for name, check in CHECKS.items())


def _after(name: CheckName) -> Finding:
    return Finding(None, f"Not looked at: {name} comes first.", f"Mend {name} first.")


def page_reachable(case: Case) -> Finding:
    """The page answers with HTML."""
    page, asked = case.seen.page, shown(case.seen.asked)
    if isinstance(page, str):
        return Finding(False, f"{asked} {page}.", f"Make {asked} answer as it should, or verify another page.")
    url = shown(page.url)
    if page.status in _KEEPING_OUT:
        why = "keeps out who is not signed in, or what is not a browser"
        return Finding(
            False, f"{url} answers {page.status}: it {why}.", f"Let the user agent heropixel pass at {page.url.host}."
        )
    if not httpx.codes.is_success(page.status):
        return Finding(False, f"{url} answers {page.status}.", "Verify a page that answers 200.")
    if page.media_type not in HTML:
        kind = shown(page.media_type, 60) or "nothing that says what it is"
        return Finding(False, f"{url} is {kind}, not a page.", "Verify a page that is text/html.")
    more = f", of which the first {MAX_BYTES:,} bytes were read" if page.cut else ""
    return Finding(True, f"{url} answers {page.status}{more}.")


_KEEPING_OUT = {401, 403, 407, 429, 503}


def tag_found(case: Case) -> Finding:
    """There is one tag, and browsers run it."""
    read, tag = case.seen.read, case.seen.tag
    if read is None:
        return _after(CheckName.PAGE_REACHABLE)
    if tag is None:
        return _no_tag(case, read)
    paste = f"Write it as {case.line()}"
    if tag.src is None:
        return Finding(False, f"A tag is there that loads nothing: {shown(tag.why)}.", paste)
    if not tag.names_pixel and read.pushed is None and len(read.tags) == 1:
        return Finding(False, f"A script {_src(tag)} is there, which names no pixel.", paste)
    if not tag.runs:
        kind = shown(tag.attributes.get("type", "nomodule"), 60)
        return Finding(
            None,
            f"The tag is there with the type {kind}: browsers run it only once a consent tool has changed that.",
            f"Let it run from the start, since without consent it keeps nothing: {case.line()}",
        )
    again = [other for other in read.tags if other.runs and other.src and other.pixel == tag.pixel]
    if len(again) > 1:
        return Finding(False, f"The tag is there {len(again)} times.", f"Remove all but one: {case.line()}")
    counting = [image for image in read.images if not image.in_noscript]
    if counting:
        return Finding(
            False,
            "The tag is there, and an image outside of <noscript>: visitors are counted twice.",
            f'Put it inside: <noscript><img src="{shown(counting[0].src, 500)}" alt=""></noscript>',
        )
    return Finding(True, f"The tag loads {_src(tag)}.")


def _no_tag(case: Case, read: Page) -> Finding:
    paste = f"Paste this into the <head>: {case.line()}"
    if read.inserted_by:
        return Finding(
            None,
            f"No tag is in the page but {read.inserted_by}, which may insert it: that cannot be seen from outside.",
            "Open the page in a browser and look for a request to /collect among those of its network tools.",
        )
    if read.goes_on_to:
        return Finding(False, "No tag is there; the page sends browsers on.", f"Verify {shown(read.goes_on_to)}")
    if read.images:
        return Finding(False, "Only the image for browsers without JavaScript is there.", paste)
    if isinstance(case.seen.page, Fetched) and case.seen.page.cut:
        return Finding(None, f"No tag is in the first {MAX_BYTES:,} bytes of the page.", paste)
    return Finding(False, "No tag is there.", paste)


def _src(tag: Tag) -> str:
    return shown(tag.src or tag.attributes.get("src", ""))


def pixel_known(case: Case) -> Finding:
    """The tag names a pixel that is there, and the one that was asked for."""
    read, tag, named = case.seen.read, case.seen.tag, case.named
    if read is None:
        return _after(CheckName.PAGE_REACHABLE)
    if named is None:
        if tag is None:
            return _after(CheckName.TAG_FOUND)
        said = shown(tag.attributes.get("data-pixel", ""), 40)
        why = f"data-pixel is {said}, which is no number" if said else "The tag names no pixel"
        return Finding(False, f"{why}.", f"Write it as {case.line()}")
    if case.wanted is not None and named != case.wanted:
        return Finding(False, f"The tag is for pixel {named}, not for {case.wanted}.", f"Write it as {case.line()}")
    if named not in case.pixels:
        return Finding(False, f"There is no pixel {named}.", f"Write it as {case.line()}")
    if len(read.tags) == 1 and read.images and all(image.pixel != named for image in read.images):
        right = read.images[0].src.copy_set_param("pixelId", str(named))
        return Finding(
            False,
            f"The tag is for pixel {named}, the image for browsers without JavaScript for {read.images[0].pixel}.",
            f'Write the image as <noscript><img src="{shown(right, 500)}" alt=""></noscript>',
        )
    return Finding(True, f"Pixel {named} is there.")


def domain_authorized(case: Case) -> Finding:
    """The pixel may be used on the host of the page, after its redirects."""
    if isinstance(case.seen.page, str):
        return _after(CheckName.PAGE_REACHABLE)
    if case.pixel is None:
        return _after(CheckName.TAG_FOUND if case.named is None else CheckName.PIXEL_KNOWN)
    if case.pixel.authorises(case.host):
        return Finding(True, f"Pixel {case.pixel.id} may be used on {case.host}.")
    return Finding(
        False,
        f"Pixel {case.pixel.id} may not be used on {case.host}.",
        f"Run: {domain_command(case.pixel.id, case.host)}",
    )


def script_reachable(case: Case) -> Finding:
    """The address in the tag answers with our script, so that the page may run it."""
    seen, script = case.seen, case.seen.script
    if script is None or seen.src is None or seen.tag is None:
        return _after(CheckName.TAG_FOUND)
    src = shown(seen.src)
    fault = script if isinstance(script, str) else _fault_of(script, seen, seen.tag)
    if fault is None:
        return Finding(True, f"{src} answers with the script.")
    if is_mixed(seen.src, seen.url):
        secure = str(seen.src.copy_with(scheme="https"))
        return Finding(False, f"{src} {fault}.", f"Write it as {case.line(src=secure)}")
    return Finding(False, f"{src} {fault}.", f"Make {src} answer with /pixel.js of this server.")


def _fault_of(script: Fetched, seen: Evidence, tag: Tag) -> str | None:
    if script.status != httpx.codes.OK:
        return f"answers {script.status}"
    if script.media_type not in _JAVASCRIPT:
        return f"is {shown(script.media_type, 60) or 'of no media type'}, not text/javascript"
    if not all(word in script.body for word in _OURS):
        return "is another script"
    if "crossorigin" in tag.attributes and not _may_read(script, seen):
        return "does not let other sites read it, as the crossorigin of the tag asks (access-control-allow-origin)"
    return None


_JAVASCRIPT = {f"{family}/{name}" for family in ("text", "application") for name in ("javascript", "x-javascript")}
_OURS = (b"heropixel", b"pixelId")  # the name it has in a page, and one it has on the wire: neither is shortened


def _may_read(fetched: Fetched, seen: Evidence) -> bool:
    return origin_of(fetched.url) == seen.origin or fetched.headers.get("access-control-allow-origin", "").strip() in (
        "*",
        seen.origin,
    )


def integrity(case: Case) -> Finding:
    """What the tag says of the script's content is true."""
    seen, tag = case.seen, case.seen.tag
    if tag is None or seen.src is None or isinstance(seen.page, str):
        return _after(CheckName.TAG_FOUND)
    said = tag.attributes.get("integrity", "")
    demanded = "script" in seen.page.headers.get("integrity-policy", "").partition("blocked-destinations")[2]
    if not said and not demanded:
        return Finding(True, "The tag has none, and needs none.")
    if not isinstance(seen.script, Fetched) or seen.script.status != httpx.codes.OK or seen.script.cut:
        return _after(CheckName.SCRIPT_REACHABLE)
    digest = base64.b64encode(hashlib.sha384(seen.script.body).digest()).decode()
    paste = f"Write it as {case.line(integrity=f'sha384-{digest}', crossorigin='anonymous')}"
    if not said:
        return Finding(
            False, "The tag has no integrity, and the page runs no script without (Integrity-Policy).", paste
        )
    if not _fits(said, seen.script.body):
        return Finding(False, "The integrity of the tag does not fit the script: browsers do not run it.", paste)
    if "crossorigin" not in tag.attributes and origin_of(seen.src) != seen.origin:
        return Finding(False, "The tag has integrity without crossorigin: browsers do not run it.", paste)
    return Finding(True, "The integrity of the tag fits the script.")


_HASH = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?.*)?")


def _fits(said: str, body: bytes) -> bool:
    """By the strongest kind of hash that is there, of which any may fit; the others are not looked at."""
    hashes = [(found[1], found[2]) for word in said.split() if (found := _HASH.fullmatch(word))]
    if not hashes:
        return False
    strongest = max(kind for kind, _ in hashes)
    right = base64.b64encode(hashlib.new(strongest, body).digest()).decode()
    return any(value.replace("-", "+").replace("_", "/") == right for kind, value in hashes if kind == strongest)


def endpoint_reachable(case: Case) -> Finding:
    """What the script sends is taken where it is sent: a preflight is answered as the door answers it."""
    seen = case.seen
    if seen.tag is None or seen.tag.src is None:
        return _after(CheckName.TAG_FOUND)
    if seen.endpoint is None or seen.preflight is None:
        said = shown(seen.tag.attributes.get("data-endpoint", ""))
        return Finding(
            False, f"data-endpoint is {said}, which cannot be opened.", "Leave data-endpoint out of the tag."
        )
    url = shown(seen.endpoint)
    fault = seen.preflight if isinstance(seen.preflight, str) else _refusal(seen.preflight, seen.origin)
    if fault is None:
        return Finding(True, f"{url} takes pageviews of {seen.origin}.")
    beside = "" if "data-endpoint" in seen.tag.attributes else ", or name it by data-endpoint"
    return Finding(False, f"{url} {fault}.", f"Let your proxy pass {url} to /collect of this server{beside}.")


def _refusal(answer: Fetched, origin: str) -> str | None:
    if not httpx.codes.is_success(answer.status):
        return f"answers a preflight (OPTIONS) with {answer.status}, not with 204"
    if answer.headers.get("access-control-allow-origin") != origin:
        return f"does not allow {origin} (access-control-allow-origin)"
    if answer.headers.get("access-control-allow-credentials") != "true":
        return "does not allow the cookie (access-control-allow-credentials)"
    return None


def policy_allows(case: Case) -> Finding:
    """The content security policies of the page let the script be loaded, and send."""
    seen, read, tag = case.seen, case.seen.read, case.seen.tag
    if read is None or tag is None or seen.src is None:
        return _after(CheckName.TAG_FOUND)
    if not read.policies:
        return Finding(True, "The page has no content security policy.")
    forbidden: list[str] = []
    directives: dict[str, list[str]] = {}  # by where they stand
    for what, request, since in _requests(seen, tag, read):
        for placed in read.policies:
            instead = placed.policy.forbids(request, seen.url) if placed.at < since else None
            if instead is not None:
                forbidden.append(f"{what} ({shown(request.url)})")
                where = _HEADER if placed.policy.in_header else _META
                directives.setdefault(where, []).append(shown(instead, 1_000))
    if not forbidden:
        return Finding(True, "The content security policy allows the script and what it sends.")
    lines = " and ".join(f"{where}, write: {'; '.join(dict.fromkeys(to_be))}" for where, to_be in directives.items())
    return Finding(
        False, f"The content security policy forbids {' and '.join(dict.fromkeys(forbidden))}.", f"In {lines}"
    )


_HEADER = "the header Content-Security-Policy"
_META = "the meta Content-Security-Policy"
_ALWAYS = 2**31  # what a script asks for, it asks for once the whole page is there


def _requests(seen: Evidence, tag: Tag, read: Page) -> list[tuple[str, Request, int]]:
    """What the page fetches for us, and which place in it policies must come before to count."""
    assert seen.src is not None  # noqa: S101 - it has been looked at
    script = Request(Kind.SCRIPT, seen.src, tag.attributes.get("nonce", ""), tag.attributes.get("integrity", ""))
    asked = [("the script", script, tag.at)]
    if isinstance(seen.script, Fetched) and seen.script.redirected:
        asked.append(("the script", script._replace(url=seen.script.url, redirected=True), tag.at))
    if seen.endpoint is not None:
        asked.append(("the endpoint", Request(Kind.CONNECTION, seen.endpoint), _ALWAYS))
    asked += [("the image", Request(Kind.IMAGE, image.src), _ALWAYS) for image in read.images]
    return asked


def consent_agrees(case: Case) -> Finding:
    """The tag says of consent what the pixel demands."""
    tag, pixel = case.seen.tag, case.pixel
    if tag is None:
        return _after(CheckName.TAG_FOUND)
    if pixel is None:
        return _after(CheckName.PIXEL_KNOWN)
    said = tag.attributes.get("data-consent", "required")
    mode = pixel.consent_mode.lower()
    if said == mode:
        return Finding(True, f"Tag and pixel agree: consent is {said}.")
    return Finding(
        False,
        f"The tag says that consent is {shown(said, 40) or 'nothing'}, pixel {pixel.id} that it is {mode}.",
        f"Write it as {case.line()}",
    )


CHECKS: Mapping[CheckName, Callable[[Case], Finding]] = {
    CheckName.PAGE_REACHABLE: page_reachable,
    CheckName.TAG_FOUND: tag_found,
    CheckName.PIXEL_KNOWN: pixel_known,
    CheckName.DOMAIN_AUTHORIZED: domain_authorized,
    CheckName.SCRIPT_REACHABLE: script_reachable,
    CheckName.INTEGRITY: integrity,
    CheckName.ENDPOINT_REACHABLE: endpoint_reachable,
    CheckName.POLICY_ALLOWS: policy_allows,
    CheckName.CONSENT_AGREES: consent_agrees,
}
