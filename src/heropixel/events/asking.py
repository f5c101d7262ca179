"""The named queries of the event store: any process may send them, whichever process has the store open."""

from collections.abc import Sequence
from typing import Any, Protocol

from heropixel.events import daily_visitors, evidence, pageviews, people, person_rows, visit_sources
from heropixel.events.evidence import EvidenceRead, VisitorLink
from heropixel.events.first_sources import FirstSource, first_sources
from heropixel.events.pageviews import ListPlace
from heropixel.events.people import Activity, Persons, Session
from heropixel.events.replicas import still_to_do
from heropixel.events.thread import EventsThread
from heropixel.events.visit_sources import Span, VisitSource


class Asking(Protocol):
    """The queries of the event store. An answer contains everything that was loaded before the call.

    Every query raises EventStoreUnavailable where the store is not reachable now. Instants are in Unix milliseconds.
    """

    async def activity(self, app: int, persons: Persons) -> dict[int, Activity]:
        """The activity of these persons over all pageviews. Persons without pageviews are left out."""

    async def session_counts(self, app: int, persons: Persons) -> dict[int, int]:
        """How many sessions these persons had. Persons without sessions are left out."""

    async def first_sources(self, app: int, persons: Persons) -> dict[int, FirstSource]:
        """Where these persons first came from. Of those who are left out it is not known."""

    async def pageviews_of(
        self, app: int, persons: Persons, before: ListPlace | None, limit: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """One page of pageviews beyond a place, newest first, under the names of the API."""

    async def sessions_of(self, app: int, persons: Persons, before: int | None, limit: int) -> list[Session]:
        """One page of sessions that started before an instant, newest first."""

    async def sources_of_visits(self, app: int, persons: Persons, spans: Sequence[Span]) -> dict[Span, VisitSource]:
        """Where these visits of a person came from, each from its first to its last pageview."""

    async def sources_of_pageviews(
        self, app: int, persons: Persons, positions: Sequence[int]
    ) -> dict[int, VisitSource]:
        """Where the visits of these pageviews of a person came from, by journal position."""

    async def seen_since(self, app: int, since: int) -> list[int]:
        """Every user of an app with a pageview at this instant or later."""

    async def pageviews_between(
        self, app: int, persons: Persons, spans: Sequence[tuple[int, int]], most: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """The pageviews of persons within spans of time, newest first; at `most` the latest of each span."""

    async def evidence(self, app: int, places: Sequence[tuple[int, int, int]]) -> EvidenceRead:
        """What shows whose pageviews are, by pixel, timestamp and journal position."""

    async def links_of(self, app: int, users: Sequence[int]) -> list[VisitorLink]:
        """Every link of browsers to these users, earliest first."""

    async def rows_of(
        self, app: int, users: Sequence[int], before: ListPlace | None, limit: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """One page of the pageviews of a person beyond a place, newest first, with every column."""

    async def known_event_ids(self, pixel: int, event_ids: Sequence[str], first: int, last: int) -> list[str]:
        """Those of these event ids that pageviews of a pixel between two instants have."""

    async def replicas_are_level(self) -> bool:
        """Whether all replicas of the event store have done every change of stored pageviews."""

    async def last_seen(self, since: int, most: int) -> dict[str, int]:
        """The daily hashes that were seen since then, each with its last time, oldest first; at `most` the latest."""


class AskingHere:
    """Queries the event store that this process has open, on a thread of its own; see `Asking`."""

    def __init__(self, thread: EventsThread) -> None:
        self._read = thread.read

    async def activity(self, app: int, persons: Persons) -> dict[int, Activity]:
        """See `Asking.activity`."""
        return await self._read(lambda events: people.activity(events, app, persons))

    async def session_counts(self, app: int, persons: Persons) -> dict[int, int]:
        """See `Asking.session_counts`."""
        return await self._read(lambda events: people.session_counts(events, app, persons))

    async def first_sources(self, app: int, persons: Persons) -> dict[int, FirstSource]:
        """See `Asking.first_sources`."""
        return await self._read(lambda events: first_sources(events, app, persons))

    async def pageviews_of(
        self, app: int, persons: Persons, before: ListPlace | None, limit: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """See `Asking.pageviews_of`."""
        return await self._read(lambda events: people.pageviews_of(events, app, persons, before, limit))

    async def sessions_of(self, app: int, persons: Persons, before: int | None, limit: int) -> list[Session]:
        """See `Asking.sessions_of`."""
        return await self._read(lambda events: people.sessions_of(events, app, persons, before, limit))

    async def sources_of_visits(self, app: int, persons: Persons, spans: Sequence[Span]) -> dict[Span, VisitSource]:
        """See `Asking.sources_of_visits`."""
        return await self._read(lambda events: visit_sources.sources_of_visits(events, app, persons, spans))

    async def sources_of_pageviews(
        self, app: int, persons: Persons, positions: Sequence[int]
    ) -> dict[int, VisitSource]:
        """See `Asking.sources_of_pageviews`."""
        return await self._read(lambda events: visit_sources.sources_of_pageviews(events, app, persons, positions))

    async def seen_since(self, app: int, since: int) -> list[int]:
        """See `Asking.seen_since`."""
        return await self._read(lambda events: people.seen_since(events, app, since))

    async def pageviews_between(
        self, app: int, persons: Persons, spans: Sequence[tuple[int, int]], most: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """See `Asking.pageviews_between`."""
        return await self._read(lambda events: people.pageviews_between(events, app, persons, spans, most))

    async def evidence(self, app: int, places: Sequence[tuple[int, int, int]]) -> EvidenceRead:
        """See `Asking.evidence`."""
        return await self._read(lambda events: evidence.evidence_at(events, app, places))

    async def links_of(self, app: int, users: Sequence[int]) -> list[VisitorLink]:
        """See `Asking.links_of`."""
        return await self._read(lambda events: evidence.links_of(events, app, users))

    async def rows_of(
        self, app: int, users: Sequence[int], before: ListPlace | None, limit: int
    ) -> list[tuple[ListPlace, dict[str, Any]]]:
        """See `Asking.rows_of`."""
        return await self._read(lambda events: person_rows.rows_of(events, app, users, before, limit))

    async def known_event_ids(self, pixel: int, event_ids: Sequence[str], first: int, last: int) -> list[str]:
        """See `Asking.known_event_ids`."""
        return await self._read(lambda events: pageviews.known_event_ids(events, pixel, event_ids, first, last))

    async def replicas_are_level(self) -> bool:
        """See `Asking.replicas_are_level`."""
        return await self._read(lambda events: not still_to_do(events))

    async def last_seen(self, since: int, most: int) -> dict[str, int]:
        """See `Asking.last_seen`."""
        return await self._read(lambda events: daily_visitors.last_seen(events, since, most))
