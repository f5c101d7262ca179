"""What the reader of a tool's export is given, and what it gives: past pageviews of one site."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import ClassVar, NamedTuple, Protocol, Self

from heropixel.directory.registry import Pixel
from heropixel.errors import PixelNotFound
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow


class Site(NamedTuple):
    """What the rows of an export do not say of themselves."""

    pixel: int
    domain: str  # of pageviews without a host
    zone: tzinfo  # of times that name none

    @classmethod
    def of(cls, pixel: int, pixels: Mapping[int, Pixel], zone: tzinfo) -> Self:
        """The site of a pixel; of several domains the first in alphabetical order stands for those that were not kept.

        Raises:
            PixelNotFound: there is no such pixel.
        """
        found = pixels.get(pixel)
        if found is None:
            raise PixelNotFound
        return cls(pixel, min(found.exact | found.with_subdomains, default=""), zone)


class Tool(Protocol):
    """Reads the rows of one tool's export, in the order of the file."""

    wants: ClassVar[str]  # which files those are, and what they have, for an error's sentence

    def __init__(self, site: Site) -> None: ...

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """Whether a row with these column names, in lower case, is of this tool."""

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """The pageviews that a row stands for, with their event ids; None for each thing that is no pageview.

        Raises:
            UnusableRow: it stands for none.
        """
