"""Where visits came from, as lists show it beside what each pageview said itself; see origins.py for what decides."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from heropixel.columns import COLUMNS
from heropixel.events import Events, sessions
from heropixel.events.first_sources import FirstSource, origin_of, said_at
from heropixel.events.origins import INTERNAL
from heropixel.events.people import OF_PERSONS, THEIRS, Persons, who
from heropixel.values import camel

# What a visit came from, under the names of the API, where the names of its columns are others; `None` is nothing.
VisitSource = Mapping[str, str | None]
FIELDS: Final = {
    "referrer" if name == "referrer_host" else camel(name): name for name, column in COLUMNS.items() if column.of_visit
}

Span = tuple[int, int]  # the first and the last pageview of a visit, in Unix milliseconds


def visit_source(texts: Mapping[str, str]) -> VisitSource:
    """The origin of a visit, by the names of its columns."""
    return {field: texts[column] or None for field, column in FIELDS.items()}


_NOT_THERE: Final = visit_source(dict.fromkeys(FIELDS.values(), "") | {"channel": INTERNAL})


def sources_of_visits(events: Events, app: int, people: Persons, spans: Sequence[Span]) -> dict[Span, VisitSource]:
    """Where each of these visits of a person came from.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    if not spans:
        return {}
    starts, ends = zip(*spans, strict=True)
    rows = sorted(map(tuple, events.ask(_PAGEVIEWS_OF, **who(app, people), starts=list(starts), ends=list(ends))))
    said = said_at(events, [(pixel, at, position) for _, at, position, pixel in rows])
    outside = defaultdict[int, list[tuple[bool, FirstSource]]](list)
    for span, _, position, _ in rows:
        if position in said:
            outside[span].append(said[position])
    return {
        span: _plain(origin_of(outside[number])) if outside[number] else _NOT_THERE
        for number, span in enumerate(spans, 1)
    }


def sources_of_pageviews(events: Events, app: int, people: Persons, positions: Sequence[int]) -> dict[int, VisitSource]:
    """Where the visits of these pageviews of a person came from, by journal position.

    Raises:
        EventsUnavailable: the event store cannot be read.
    """
    found = events.ask(_VISITS_OF, **who(app, people), positions=list(positions)) if positions else []
    spans = {position: (start, finish) for position, start, finish in found}
    sources = sources_of_visits(events, app, people, [*dict.fromkeys(spans.values())])
    return {position: sources[span] for position, span in spans.items()}


def _plain(origin: FirstSource) -> VisitSource:
    return {
        field: getattr(origin, "referrer" if field == "referrer" else column) or None
        for field, column in FIELDS.items()
    }


# The visit of a pageview is the one that ends first after it: visits of a person do not overlap.
_PAGEVIEWS_OF: Final = f"""
    SELECT arrayFirstIndex((start, finish) -> at BETWEEN start AND finish,
            {{starts:Array(Int64)}}, {{ends:Array(Int64)}}) AS span, at, journal_position, pixel_id
    FROM ({THEIRS}) WHERE span > 0
"""  # noqa: S608 - constants

_IN_VISITS: Final = sessions.pageviews_in_sessions(
    OF_PERSONS,
    ["journal_position"],
    {"position": "seen.2", "start": sessions.FIGURES["start"], "finish": sessions.FIGURES["finish"]},
)
_VISITS_OF: Final = f"SELECT position, start, finish FROM ({_IN_VISITS}) WHERE position IN {{positions:Array(UInt64)}}"  # noqa: S608 - constants
