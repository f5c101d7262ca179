"""The input of a check, and its result."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from heropixel.directory.hosts import normalise_host
from heropixel.directory.registry import Pixel
from heropixel.installation.evidence import Evidence, is_mixed, is_ours
from heropixel.installation.fetch import Fetched
from heropixel.installation.pasting import consent_attribute, integrity_of, shown, tag_line


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


class Case(NamedTuple):
    """The input of a check: the evidence, the pixels, and what is expected."""

    seen: Evidence
    pixels: Mapping[int, Pixel]  # the pixels that the tag may name
    wanted: int | None  # the pixel that it should name; None: any of them
    serving: bool = True  # False: no server has the folder open, for certain

    @property
    def named(self) -> int | None:
        """The pixel that the page names."""
        tag, read = self.seen.tag, self.seen.read
        if tag and tag.pixel is not None:
            return tag.pixel
        return read.pushed if read else None

    @property
    def pixel(self) -> Pixel | None:
        """The pixel that the page should have: the wanted one, else the one that the page names."""
        number = self.named if self.wanted is None else self.wanted
        return None if number is None else self.pixels.get(number)

    @property
    def host(self) -> str:
        """The host of the page, as the browser endpoints normalise it."""
        return normalise_host(self.seen.url.host) or ""

    @property
    def fitting(self) -> str:
        """The pixels that may be used on the page, with their names; empty where none may."""
        fit = [f"{pixel.id} ({shown(pixel.name, 40)})" for pixel in self._authorised()]
        more = f", and {len(fit) - _MAX_NAMED} more" if len(fit) > _MAX_NAMED else ""
        return ", ".join(fit[:_MAX_NAMED]) + more

    def _authorised(self) -> list[Pixel]:
        return [pixel for pixel in self.pixels.values() if pixel.authorises(self.host)]

    def paste(self, how: str = "Write it as", **more: str) -> str:
        """What to do: the complete tag as it should be, so that one pasted line fixes everything in it."""
        pixel = self.pixel or self._likely()
        right = self._right()
        src = right.pop("src").strip()
        if pixel and (named := _PIXEL_IN_QUERY.search(src)):
            src = f"{src[: named.start(1)]}{pixel.id}{src[named.end(1) :]}"
        attributes = {"src": src, "data-pixel": str(pixel.id) if pixel else "ID"}
        attributes |= consent_attribute(pixel.consent_mode) if pixel else {}
        line = tag_line({**attributes, **right, **more})
        unknown = ["HOST is the host name under which browsers reach this server"] if "https://HOST/" in line else []
        if pixel is None:
            those = f"one of these pixels, which may be used on {self.host}: {self.fitting}" if self.fitting else _ANY
            unknown.append(f"ID is {those}")
        return f"{how} {line}" + (f" ({', '.join(unknown)})" if unknown else "")

    def for_managers(self) -> str:
        """The tag as tag managers keep it: they take `data-*` attributes off."""
        pixel = self.pixel or self._likely()
        consent = consent_attribute(pixel.consent_mode).get("data-consent") if pixel else None
        query = f"pixel={pixel.id if pixel else 'ID'}" + (f"&consent={consent}" if consent else "")
        return tag_line({"src": f"https://HOST/pixel.js?{query}"})

    def _right(self) -> dict[str, str]:
        """The attributes of the present tag that may stay, with wrong values corrected."""
        seen = self.seen
        if seen.tag is None or seen.tag.src is None or seen.src is None:
            return {"src": "https://HOST/pixel.js"}  # the public host name of the server is not known here
        kept = {name: seen.tag.attributes[name] for name in _KEPT if name in seen.tag.attributes}
        if is_mixed(seen.src, seen.url):
            kept["src"] = str(seen.src.copy_with(scheme="https"))
        if "data-endpoint" in kept and (seen.endpoint is None or is_mixed(seen.endpoint, seen.url)):
            kept.pop("data-endpoint")
            kept |= {"data-endpoint": str(seen.endpoint.copy_with(scheme="https"))} if seen.endpoint else {}
        if "integrity" in kept and isinstance(seen.script, Fetched) and is_ours(seen.script):
            kept |= {"integrity": integrity_of(seen.script.body), "crossorigin": "anonymous"}
        return kept

    def _likely(self) -> Pixel | None:
        """The pixel that is meant, if only one is possible."""
        likely = self._authorised() or list(self.pixels.values())
        return likely[0] if len(likely) == 1 else None


_PIXEL_IN_QUERY = re.compile(r"[?&]pixel=([^&#]*)")
_KEPT = ("src", "data-endpoint", "data-auto", "data-hash", "nonce", "integrity", "crossorigin")
_ANY = "the id of a pixel, see heropixel pixels list"
_MAX_NAMED = 10


class Finding(NamedTuple):
    """The result of a check."""

    passed: bool | None
    found: str
    to_do: str | None = None  # None: nothing to do here


def after(name: CheckName) -> Finding:
    """The result of a check that depends on another one."""
    return Finding(None, f"Not checked: {name} has to pass first.")
