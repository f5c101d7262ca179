"""What a check is given, and what it answers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.hosts import normalise_host
from heropixel.directory.registry import Pixel
from heropixel.installation.evidence import Evidence
from heropixel.installation.pasting import tag_line


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

    def secure_line(self, **changed: str) -> str:
        """The same, loaded by https."""
        src = self.seen.src
        return self.line(src=str(src.copy_with(scheme="https")), **changed) if src else self.line(**changed)

    def _likely(self) -> Pixel | None:
        """Which pixel is meant, where only one can be."""
        likely = [pixel for pixel in self.pixels.values() if pixel.authorises(self.host)]
        return likely[0] if len(likely) == 1 else None


class Finding(NamedTuple):
    """What a check found."""

    passed: bool | None
    found: str
    to_do: str | None = None


def after(name: CheckName) -> Finding:
    """What a check answers that rests on another."""
    return Finding(None, f"Not looked at: {name} comes first.", f"Mend {name} first.")
