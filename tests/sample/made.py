"""A sample world of sixty days, made once for all tests of it, and what plain Python counts of it."""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

from heropixel.columns import Row
from heropixel.directory.registry import Pixel
from heropixel.enrichment import enrich
from heropixel.recording.pageview import Pageview, PageviewEvent
from heropixel.sample.pageviews import DAY, instant_of, sample_pageviews
from heropixel.sample.people import SamplePerson

USERS = Path(__file__).parent.parent.parent / "samples/users.csv"
ENDING = 1_796_000_000_000  # 2026-11-30T00:53:20Z, a Monday
PIXEL = Pixel(1, 1, frozenset(), frozenset(("example.com",)))
PAUSE = 1_800_000


@cache
def customers() -> list[SamplePerson]:
    with USERS.open(newline="") as rows:
        return [SamplePerson(row["email"], row["external_id"], row["city"]) for row in csv.DictReader(rows)]


@cache
def sixty_days() -> list[PageviewEvent]:
    return sample_pageviews(7, 60, ENDING, customers())


@cache
def enriched() -> list[Row]:
    """As the loader enriches them. All of them can be recorded, and no field is changed or dropped."""
    rows: list[Row] = []
    for event in sixty_days():
        pageview = Pageview.parse(event, PIXEL, ENDING, ENDING - 61 * DAY)
        assert not pageview.warnings, pageview.warnings
        rows.append(enrich(pageview.row, lambda _pixel, host: PIXEL.authorises(host)))
    return rows


class Counted(NamedTuple):
    """Figures of pageviews of people."""

    pageviews: int
    visitors: int
    identified: int
    sessions: int


def persons_of(events: list[PageviewEvent]) -> list[str]:
    """The person of each pageview: who it names; else who its visitor is; else its visitor."""
    named = [event.external_id or event.email or "" for event in events]
    owners: dict[str, str] = {}
    for event, name in zip(events, named, strict=True):
        if name and event.visitor_id:
            owners.setdefault(event.visitor_id, f"person {name}")
    return [
        f"person {name}" if name else owners.get(event.visitor_id or "", event.visitor_id or "")
        for event, name in zip(events, named, strict=True)
    ]


def counted(events: list[PageviewEvent]) -> Counted:
    """The figures of all these pageviews. Those without a visitor are bots."""
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for event, person in zip(events, persons_of(events), strict=True):
        if person:
            seen[person].append(instant_of(event))
    return Counted(
        pageviews=sum(map(len, seen.values())),
        visitors=len(seen),
        identified=sum(person.startswith("person ") for person in seen),
        sessions=sum(len(visits_in(times)) for times in seen.values()),
    )


def visits_in(times: list[int]) -> list[list[int]]:
    """Series of times without a pause."""
    visits: list[list[int]] = []
    for time in times:
        if not visits or time - visits[-1][-1] >= PAUSE:
            visits.append([])
        visits[-1].append(time)
    return visits
