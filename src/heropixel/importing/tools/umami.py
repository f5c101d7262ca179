"""Umami's export: rows of its table `website_event`, as CSV or JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from heropixel.importing.tools.cells import LowerCase, Table, identifier_of, instant_of, text_of, texts
from heropixel.importing.tools.own_ids import OwnIds
from heropixel.importing.tools.tool import Site
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow

# What is kept as it comes: a field of a pageview, and the columns it is in.
EVENT: Final[Table] = {
    "title": ["page_title"],
    "screen": ["screen"],
    "language": ["language"],
    "country": ["country"],
    "region": ["region", "subdivision1"],
    "city": ["city"],
    "utm_source": ["utm_source"],
    "utm_medium": ["utm_medium"],
    "utm_campaign": ["utm_campaign"],
    "utm_content": ["utm_content"],
    "utm_term": ["utm_term"],
}
SEEN_WITH: Final[Table] = {"browser": ["browser"], "os": ["os"], "device": ["device"]}

PAGEVIEW = "1"  # among the event types


class Umami:
    """A row becomes a pageview. Its session is its visitor: Umami's lasts for a month, or what the site chose."""

    names_pixels: ClassVar[bool] = False
    wants: ClassVar[str] = "Umami's website_event as .csv or .json, with created_at and url_path"

    def __init__(self, site: Site) -> None:
        self.remarks: Counter[str] = Counter()
        self._site = site
        self._columns = LowerCase()
        self._ids = OwnIds()

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """See `Tool.recognises`."""
        return names >= {"created_at", "url_path"}

    @staticmethod
    def why_not(names: frozenset[str]) -> str:
        """What to do first with another table of Umami; empty where it is none."""
        if names >= {"website_id", "session_id", "created_at", "url"}:
            return (
                "it is a table of Umami 1 (pageview or event). Update Umami to version 2 first: that moves the rows to"
                " the table website_event. Then export website_event"
            )
        if names >= {"session_id", "website_id", "browser", "device"} and "url_path" not in names:
            return (
                "it is Umami's table session, which has no pages. Export the table website_event, joined with session"
                " by session_id"
            )
        if names & {"website_event_id", "event_data_id"}:
            return "it is Umami's table event_data, which has no pages. Export the table website_event"
        return ""

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """See `Tool.pageviews`."""
        cells = self._columns.cells(row.values)
        if (text_of(cells, "event_type") or PAGEVIEW) != PAGEVIEW:
            yield None
            return
        domain = text_of(cells, "hostname") or self._domain_of_the_site()
        event = PageviewEvent(
            self._site.pixel,
            domain,
            timestamp=instant_of(cells, "created_at", self._site.zone),
            event_id=f"umami:{identifier_of(cells, 'event_id') or self._ids.of(row.values)}",
            visitor_id=_named(cells, "session_id"),
            session_id=_named(cells, "visit_id"),
            url=_url(cells, domain, "url"),
            referrer=_referrer(cells, domain),
            **texts(cells, EVENT),
        )
        yield PastPageview(event, **texts(cells, SEEN_WITH))

    def _domain_of_the_site(self) -> str:
        domain = self._site.domain
        self.remarks[f"the row has no host: it was taken for {domain}"] += 1
        return domain


def _named(cells: Mapping[str, Any], column: str) -> str:
    """An id of Umami's, which is to meet none of ours."""
    text = identifier_of(cells, column)
    return f"umami:{text}" if text else ""


def _referrer(cells: Mapping[str, Any], domain: str) -> str:
    """Umami keeps no host of a referrer that is a page of the same site."""
    own = domain if text_of(cells, "referrer_path") else ""
    return _url(cells, text_of(cells, "referrer_domain") or own, "referrer")


def _url(cells: Mapping[str, Any], host: str, which: str) -> str:
    """Put together again; whether it was `http` was not kept. What was behind the `#` is kept as a part of the path."""
    if not host:
        return ""
    path, hash_, fragment = text_of(cells, f"{which}_path").partition("#")
    query = text_of(cells, f"{which}_query").removeprefix("?")
    return f"https://{host}{path}{'?' if query else ''}{query}{hash_}{fragment}"
