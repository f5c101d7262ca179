"""What a check is given, and what it answers."""

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
    """What is judged, and by what."""

    seen: Evidence
    pixels: Mapping[int, Pixel]  # that the tag may name
    wanted: int | None  # which it is to name
    serving: bool = True  # False: it is known that no server has the folder open

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

    @property
    def fitting(self) -> str:
        """The pixels that may be used on the page, with their names; empty where none may."""
        fit = [f"{pixel.id} ({shown(pixel.name, 40)})" for pixel in self._authorised()]
        more = f", and {len(fit) - _MAX_NAMED} more" if len(fit) > _MAX_NAMED else ""
        return ", ".join(fit[:_MAX_NAMED]) + more

    def _authorised(self) -> list[Pixel]:
        return [pixel for pixel in self.pixels.values() if pixel.authorises(self.host)]

    def paste(self, how: str = "Write it as", **more: str) -> str:
        """What to do: the tag as it should be in all of it, so that pasting the same line mends all that is in it."""
        pixel = self.pixel or self._likely()
        right = self._right()
        attributes = {"src": right.pop("src").strip(), "data-pixel": str(pixel.id) if pixel else "ID"}
        attributes |= consent_attribute(pixel.consent_mode) if pixel else {}
        line = tag_line({**attributes, **right, **more})
        unknown = ["HOST is the host name under which browsers reach this server"] if "https://HOST/" in line else []
        if pixel is None:
            those = f"one of these pixels, which may be used on {self.host}: {self.fitting}" if self.fitting else _ANY
            unknown.append(f"ID is {those}")
        return f"{how} {line}" + (f" ({', '.join(unknown)})" if unknown else "")

    def _right(self) -> dict[str, str]:
        """What may stay of the tag that is there, with what is wrong of it put right."""
        seen = self.seen
        if seen.tag is None or seen.tag.src is None or seen.src is None:
            return {"src": "https://HOST/pixel.js"}  # nothing here knows by which name the world reaches the server
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
        """Which pixel is meant, where only one can be."""
        likely = self._authorised() or list(self.pixels.values())
        return likely[0] if len(likely) == 1 else None


_KEPT = ("src", "data-endpoint", "data-auto", "data-hash", "nonce", "integrity", "crossorigin")
_ANY = "the id of a pixel, see heropixel pixels list"
_MAX_NAMED = 10


class Finding(NamedTuple):
    """What a check found."""

    passed: bool | None
    found: str
    to_do: str | None = None  # None: nothing here


def after(name: CheckName) -> Finding:
    """What a check answers that rests on another."""
    return Finding(None, f"Not checked: {name} has to pass first.")
