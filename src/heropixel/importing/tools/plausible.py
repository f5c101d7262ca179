"""Plausible's CSV export: how often each page was seen on each day, without visitors."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import ClassVar

from heropixel.importing.tools.cells import LowerCase, count_of, text_of
from heropixel.importing.tools.own_ids import OwnIds
from heropixel.importing.tools.tool import Site
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow
from heropixel.transfer.converting import UnusableRow


class Plausible:
    """A row becomes so many pageviews of its page, without visitors, spread evenly over its day."""

    names_pixels: ClassVar[bool] = False
    wants: ClassVar[str] = "Plausible's imported_pages_*.csv, with date, hostname, page and pageviews"

    def __init__(self, site: Site) -> None:
        self.remarks: Counter[str] = Counter()
        self._site = site
        self._columns = LowerCase()
        self._ids = OwnIds()

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """See `Tool.recognises`."""
        return names >= {"date", "page", "pageviews"}

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """See `Tool.pageviews`."""
        cells = self._columns.cells(row.values)
        day, host, page = (text_of(cells, column) for column in ("date", "hostname", "page"))
        start, length = _day(day, self._site.zone)
        domain = host or self._site.domain
        url = f"https://{domain}{page if page.startswith('/') else f'/{page}'}"
        row_id = self._ids.of([day, host, page])
        for number in range(count_of(cells, "pageviews")):
            instant = start + round(spread(number) * length)
            event_id = f"plausible:{row_id}:{number}"
            yield PastPageview(PageviewEvent(self._site.pixel, domain, timestamp=instant, event_id=event_id, url=url))


def spread(number: int) -> float:
    """Where in [0, 1) the n-th of any number of things is, so that all are spread evenly.

    The bits of the number backwards (van der Corput): a later export of the same day, which counts more, gives those
    that it has in common with an earlier one the same places, and thus their names and times.
    """
    return int(f"{number:b}"[::-1], 2) / (1 << number.bit_length())


def _day(text: str, zone: tzinfo) -> tuple[int, int]:
    """When a day begins and how long it is, in milliseconds: some have 23 or 25 hours."""
    try:
        day = date.fromisoformat(text)
        first, end = (datetime.combine(at, time(), zone).timestamp() for at in (day, day + timedelta(days=1)))
    except (ValueError, OverflowError):
        raise UnusableRow("date is not a day") from None
    return round(first * 1000), round((end - first) * 1000)
