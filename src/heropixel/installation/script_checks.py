"""The checks around the tag: its script, the endpoint of the script, and the policies of the page. Pure."""

import base64
import hashlib
import re

import httpx

from heropixel.installation.case import Case, CheckName, Finding, after
from heropixel.installation.evidence import Evidence, is_ours
from heropixel.installation.fetch import Fetched, NotFetched
from heropixel.installation.pasting import integrity_of, reached, shown
from heropixel.installation.policy import FetchKind, PageFetch
from heropixel.installation.remedies import is_of_proxy, is_unbuilt, remedy_of_ours
from heropixel.installation.tags import ParsedPage, Tag
from heropixel.installation.urls import origin_of


def script_reachable(case: Case) -> Finding:
    """The URL in the tag answers with our script, in a form that the page may run."""
    seen, script = case.seen, case.seen.script
    if script is None or seen.src is None or seen.tag is None:
        return after(CheckName.TAG_FOUND)
    src = reached(seen.src, script.url)
    fault = str(script) if isinstance(script, NotFetched) else _fault_of(script, seen, seen.tag)
    if fault is None:
        return Finding(True, f"{src} answers with the script.")
    otherwise = f"Make {shown(seen.src)} answer with /pixel.js of this server."
    return Finding(False, f"{src} {fault}.", remedy_of_ours(case, seen.src, script, otherwise))


def _fault_of(script: Fetched, seen: Evidence, tag: Tag) -> str | None:
    if is_unbuilt(script):
        return f"answers {script.status}: the script was not built into it"
    if is_of_proxy(script):
        return f"answers {script.status}: {_BEHIND}"
    if script.status != httpx.codes.OK:
        return f"answers {script.status}"
    if script.media_type not in _JAVASCRIPT:
        return f"is {shown(script.media_type, 60) or 'of no media type'}, not text/javascript"
    if not is_ours(script):
        return "is another script"
    if "crossorigin" in tag.attributes and not _may_read(script, seen):
        return "does not let other sites read it, as the crossorigin of the tag asks (access-control-allow-origin)"
    return None


_BEHIND = "a proxy answers, but heropixel behind it does not"
_JAVASCRIPT = {f"{family}/{name}" for family in ("text", "application") for name in ("javascript", "x-javascript")}


def _may_read(fetched: Fetched, seen: Evidence) -> bool:
    allowed = fetched.headers.get("access-control-allow-origin", "").strip()
    return allowed in ("*", seen.origin) or origin_of(fetched.url) == seen.origin


def integrity(case: Case) -> Finding:
    """The tag's `integrity` matches the content of the script."""
    seen, tag = case.seen, case.seen.tag
    if tag is None or seen.src is None or isinstance(seen.page, NotFetched):
        return after(CheckName.TAG_FOUND)
    said = tag.attributes.get("integrity", "")
    demanded = "script" in seen.page.headers.get("integrity-policy", "").partition("blocked-destinations")[2]
    if not said and not demanded:
        return Finding(True, "The tag has no integrity, and needs none.")
    if not isinstance(seen.script, Fetched) or seen.script.status != httpx.codes.OK or seen.script.cut:
        return after(CheckName.SCRIPT_REACHABLE)
    paste = case.paste(integrity=integrity_of(seen.script.body), crossorigin="anonymous")
    if not said:
        return Finding(
            False, "The tag has no integrity, and the page runs no script without it (Integrity-Policy).", paste
        )
    if not _fits(said, seen.script.body):
        return Finding(False, "The integrity of the tag does not match the script: browsers do not run it.", paste)
    if "crossorigin" not in tag.attributes and origin_of(seen.src) != seen.origin:
        return Finding(False, "The tag has integrity without crossorigin: browsers do not run it.", paste)
    return Finding(True, "The integrity of the tag matches the script.")


_HASH = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?.*)?")


def _fits(said: str, body: bytes) -> bool:
    """Whether a hash of the strongest kind fits. Any of that kind may fit; weaker kinds are ignored."""
    hashes = [(found[1], found[2]) for word in said.split() if (found := _HASH.fullmatch(word))]
    if not hashes:
        return False
    strongest = max(kind for kind, _ in hashes)
    right = base64.b64encode(hashlib.new(strongest, body).digest()).decode()
    return any(value.replace("-", "+").replace("_", "/") == right for kind, value in hashes if kind == strongest)


def endpoint_reachable(case: Case) -> Finding:
    """The endpoint accepts what the script sends: it answers a preflight as the endpoint of heropixel does."""
    seen = case.seen
    if seen.tag is None or seen.tag.src is None:
        return after(CheckName.TAG_FOUND)
    if seen.endpoint is None or seen.preflight is None:
        said = shown(seen.tag.attributes.get("data-endpoint", ""))
        return Finding(False, f"data-endpoint is {said}, which cannot be opened.", case.paste())
    url = shown(seen.endpoint)
    fault = str(seen.preflight) if isinstance(seen.preflight, NotFetched) else _refusal(seen.preflight, seen.origin)
    if fault is None:
        return Finding(True, f"{url} accepts pageviews from {seen.origin}.")
    beside = "" if "data-endpoint" in seen.tag.attributes else ", or name it by data-endpoint"
    otherwise = f"Let your proxy pass {url} to /collect of this server{beside}."
    return Finding(False, f"{url} {fault}.", remedy_of_ours(case, seen.endpoint, seen.preflight, otherwise))


def _refusal(answer: Fetched, origin: str) -> str | None:
    if is_of_proxy(answer):
        return f"answers {answer.status}: {_BEHIND}"
    if not httpx.codes.is_success(answer.status):
        return f"answers a preflight (OPTIONS) with {answer.status}, not with 204"
    if answer.headers.get("access-control-allow-origin") != origin:
        return f"does not allow {origin} (access-control-allow-origin)"
    if answer.headers.get("access-control-allow-credentials") != "true":
        return "does not allow the cookie (access-control-allow-credentials)"
    return None


def policy_allows(case: Case) -> Finding:
    """The content security policies of the page let the script load and send."""
    seen, read, tag = case.seen, case.seen.read, case.seen.tag
    if read is None or tag is None or seen.src is None:
        return after(CheckName.TAG_FOUND)
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
_ALWAYS = 2**31  # the requests of a script come after the whole page is there


def _requests(seen: Evidence, tag: Tag, read: ParsedPage) -> list[tuple[str, PageFetch, int]]:
    """The requests of the page that concern us, each with the place before which a policy must stand to apply."""
    assert seen.src is not None  # noqa: S101 - the caller has checked it
    script = PageFetch(FetchKind.SCRIPT, seen.src, tag.attributes.get("nonce", ""), tag.attributes.get("integrity", ""))
    asked = [("the script", script, tag.at)]
    if isinstance(seen.script, Fetched) and seen.script.redirected:
        asked.append(("the script", script._replace(url=seen.script.url, redirected=True), tag.at))
    if seen.endpoint is not None:
        asked.append(("the endpoint", PageFetch(FetchKind.CONNECTION, seen.endpoint), _ALWAYS))
    asked += [("the image", PageFetch(FetchKind.IMAGE, image.src), _ALWAYS) for image in read.images]
    return asked
