"""What the reader of a tool's export is given, and what it gives: past pageviews of one site."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import ClassVar, NamedTuple, Protocol, Self

from heropixel.directory.registry import Pixel
from heropixel.errors import PixelNotFound
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow

NO_PIXEL = 0  # no pixel has this id


class Site(NamedTuple):
    """What the rows of an export do not say of themselves."""

    pixel: int  # the pixel of rows that name none; NO_PIXEL: they are rejected
    domain: str  # of pageviews without a host
    zone: tzinfo  # of times that name none
    pixels: Mapping[int, Pixel] = MappingProxyType({})  # the pixels that rows may name

    @classmethod
    def of(cls, pixel: int | None, pixels: Mapping[int, Pixel], zone: tzinfo) -> Self:
        """The site of a pixel; of several domains the first in alphabetical order stands for those that were not kept.

        Without a pixel it is that of each row, or the only one that there is.

        Raises:
            PixelNotFound: there is no such pixel.
        """
        if pixel is None and len(pixels) > 1:
            return cls(NO_PIXEL, "", zone, pixels)
        found = pixels.get(next(iter(pixels), NO_PIXEL) if pixel is None else pixel)
        if found is None:
            raise PixelNotFound
        return cls(found.id, min(found.exact | found.with_subdomains, default=""), zone, pixels)


class Tool(Protocol):
    """Reads the rows of one tool's export, in the order of the file."""

    wants: ClassVar[str]  # which files those are, and what they have, for an error's sentence
    names_pixels: ClassVar[bool] = False  # whether its rows may say of which pixel they are
    remarks: Counter[str]  # what is to be said of rows that were read

    def __init__(self, site: Site) -> None: ...

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """Whether a row with these column names, in lower case, is of this tool."""

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """The pageviews that a row stands for, with their event ids; None for each thing that is no pageview.

        Raises:
            UnusableRow: it stands for none.
        """
