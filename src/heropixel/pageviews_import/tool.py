"""What the reader of a tool's export is given, and what it gives: past pageviews of one site."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import ClassVar, NamedTuple, Protocol

from heropixel.recording.past import PastPageview
from heropixel.transfer import Row


class Site(NamedTuple):
    """What the rows of an export do not say of themselves."""

    pixel: int
    domain: str  # of pageviews whose host was not kept
    zone: tzinfo  # of times that name none


class Tool(Protocol):
    """Reads the rows of one tool's export, in the order of the file."""

    wants: ClassVar[str]  # which files those are, and what they have, for an error's sentence

    def __init__(self, site: Site) -> None: ...

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """Whether a row with these column names, in lower case, is of this tool."""

    def pageviews(self, row: Row) -> Iterator[PastPageview | None]:
        """The pageviews that a row stands for, with their event ids; None for each thing that is no pageview.

        Raises:
            UnusableRow: it stands for none.
        """
