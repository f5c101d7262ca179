"""Matomo's visit log: visits with their actions, as `Live.getLastVisitsDetails` answers them, as JSON or CSV."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from heropixel.enrichment import country_of, is_no_place, region_of
from heropixel.importing.tools.cells import LowerCase, Table, identifier_of, text_of, texts
from heropixel.importing.tools.own_ids import OwnIds
from heropixel.importing.tools.tool import Site
from heropixel.recording.pageview import PageviewEvent
from heropixel.recording.past import PastPageview
from heropixel.transfer import FileRow
from heropixel.transfer.converting import UnusableRow

# What is kept as it comes, and is of the whole visit: a field of a pageview, and the columns it is in.
VISIT: Final[Table] = {"external_id": ["userid"], "language": ["languagecode"], "city": ["city"]}
# What is of its first page.
CAMPAIGN: Final[Table] = {
    "utm_source": ["campaignsource"],
    "utm_medium": ["campaignmedium"],
    "utm_campaign": ["campaignname"],
    "utm_content": ["campaigncontent"],
    "utm_term": ["campaignkeyword"],
}
SCREEN: Final[Table] = {"screen": ["resolution"]}
SEEN_WITH: Final[Table] = {
    "browser": ["browsername"],
    "browser_version": ["browserversion"],
    "os": ["operatingsystemname"],
    "os_version": ["operatingsystemversion"],
    "device": ["devicetype"],
}
ACTION: Final[Table] = {"title": ["pagetitle", "title"]}

PAGEVIEW = "action"  # among the types of actions; others are downloads, links out, events, searches, goals, orders

_OF_ACTION = re.compile(r"actiondetails[ _](\d+)[ _](\w+)")  # the columns of CSV


class Matomo:
    """The pages of a visit become pageviews."""

    names_pixels: ClassVar[bool] = False
    wants: ClassVar[str] = "Matomo's visit log (Live.getLastVisitsDetails) as .json or .csv, with actionDetails"

    def __init__(self, site: Site) -> None:
        self.remarks: Counter[str] = Counter()
        self._site = site
        self._columns = LowerCase()
        self._action_columns = LowerCase()
        self._ids = OwnIds()

    @staticmethod
    def recognises(names: frozenset[str]) -> bool:
        """See `Tool.recognises`."""
        return "actiondetails" in names or any(map(_OF_ACTION.fullmatch, names))

    def pageviews(self, row: FileRow) -> Iterator[PastPageview | None]:
        """See `Tool.pageviews`."""
        visit = self._columns.cells(row.values)
        visit_id = identifier_of(visit, "idvisit") or self._ids.of(row.values)
        of_visit, seen_with = _of_visit(visit), _known(texts(visit, SEEN_WITH))
        came_from = {"referrer": text_of(visit, "referrerurl"), **_campaign(visit)}
        for number, action in enumerate(self._actions(visit)):
            if text_of(action, "type") != PAGEVIEW:
                yield None
                continue
            event_id = f"matomo:{visit_id}.{identifier_of(action, 'pageid') or f'n{number}'}"
            event = self._event(action, event_id, of_visit | came_from)
            yield PastPageview(event, **seen_with)
            came_from = {"referrer": event.url}  # the other pages were reached from within the site

    def _event(self, action: Mapping[str, Any], event_id: str, of_visit: Mapping[str, Any]) -> PageviewEvent:
        url = text_of(action, "url")
        if url and "://" not in url:  # as older versions wrote it
            url = f"https://{url}"
        return PageviewEvent(
            self._site.pixel,
            _host(url) or self._site.domain,
            timestamp=text_of(action, "timestamp"),
            event_id=event_id,
            url=url,
            **texts(action, ACTION),
            **of_visit,
        )

    def _actions(self, visit: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The actions of a visit, a list in JSON, columns with their numbers in CSV."""
        listed = visit.get("actiondetails")
        if listed is None:
            yield from _from_columns(visit)
        elif isinstance(listed, list):
            for action in listed:
                if not isinstance(action, dict):
                    raise UnusableRow("actionDetails is not a list of actions")
                yield self._action_columns.cells(action)
        else:
            raise UnusableRow("actionDetails is not a list of actions")


def _from_columns(visit: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    actions: dict[int, dict[str, Any]] = {}
    for name, value in visit.items():
        if value not in (None, "") and (found := _OF_ACTION.fullmatch(name)):
            actions.setdefault(int(found[1]), {})[found[2]] = value
    for _, action in sorted(actions.items()):
        yield action


def _of_visit(visit: Mapping[str, Any]) -> dict[str, Any]:
    """What all pageviews of a visit have alike."""
    fields = texts(visit, VISIT) | _known(texts(visit, SCREEN))
    for field, column in (("visitor_id", "visitorid"), ("session_id", "idvisit")):
        if text := identifier_of(visit, column):
            fields[field] = f"matomo:{text}"  # which is to meet none of ours
    if country := country_of(text_of(visit, "countrycode")):
        fields["country"] = country
        fields["region"] = _region(visit, country)
    return fields


def _region(visit: Mapping[str, Any], country: str) -> str:
    """The name of the region by its code; or else the one of Matomo, in the language of the export."""
    code = text_of(visit, "regioncode")
    named = region_of(f"{country}-{code}", country) if code else ""
    return named or text_of(visit, "region").partition(", ")[0]


def _campaign(visit: Mapping[str, Any]) -> dict[str, Any]:
    fields = texts(visit, CAMPAIGN)
    if text_of(visit, "referrertype") == "campaign":  # where no plugin keeps the parts of a campaign
        fields.setdefault("utm_campaign", text_of(visit, "referrername"))
        fields.setdefault("utm_term", text_of(visit, "referrerkeyword"))
    return fields


def _known(given: dict[str, Any]) -> dict[str, Any]:
    """Without those that Matomo did not know."""
    return {field: text for field, text in given.items() if not is_no_place(text)}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        raise UnusableRow("url is not a URL") from None
