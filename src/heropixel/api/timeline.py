"""A person's timeline: visits with their pageviews, how they became known, links, merges, unlinks and suppressions.

Visits are read in pages. Everything else is little, and is read whole for each page and put between the visits.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import answers
from heropixel.api.connections import ListAnswer, ListPage
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.why import Why, link_step, merge_step
from heropixel.directory.merges import Merge, members_of, merges_of
from heropixel.directory.suppressions import Suppression, suppressions_of
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.unlinks import Unlink, unlinks_of
from heropixel.directory.users import FirstKnown, first_known
from heropixel.events.asking import Asking
from heropixel.events.evidence import VisitorLink
from heropixel.events.pageviews import ListPlace
from heropixel.events.people import Session
from heropixel.identity.find import keys_of_people
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.shown import show_pageview, show_session
from heropixel.values import counted, date_time

MOST_PAGEVIEWS = 100  # of one visit, the latest; `pageviewCount` of the visit counts all


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a timeline: the contract's `TimelineEntry`."""

    kind: str
    at: int  # Unix milliseconds
    text: str
    session: Session | None = None
    pageviews: Sequence[dict[str, Any]] | None = None
    merge: Merge | None = None
    browser: VisitorLink | None = None
    unlink: Unlink | None = None
    suppression: Suppression | None = None
    tie: int = 0  # tells entries of one instant apart: visits come last


class TimelineAnswer(ListAnswer):
    """A page of a timeline."""

    LIST = "entries"
    EMPTY = "No entries of this user"

    @staticmethod
    def plain(node: TimelineEntry) -> dict[str, Any]:
        """An entry."""
        visit = {}
        if node.session:
            pageviews = [show_pageview(row) for row in node.pageviews or ()]
            visit = {"session": show_session(node.session), "pageviews": pageviews}
        return {"kind": node.kind, "at": date_time(node.at), "text": node.text, **visit}


class Timelines:
    """Resolves timelines."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        asking: Asking,
        why: Why,
        index: Index,
        clock: Callable[[], int],
        max_page: int,
    ) -> None:
        self._directory = directory
        self._asking = asking
        self._why = why
        self._index = index
        self._clock = clock
        self._max_page = max_page

    @answers(TimelineAnswer)
    async def user_timeline(
        self,
        context: Context,
        by: UserSelector,
        first: int = 20,
        after: str | None = None,
        auth: Credentials | None = None,
    ) -> TimelineAnswer:
        """What happened with one user, newest first."""
        app, index, now = context.authenticate(auth).number, self._index, self._clock()
        page = ListPage.parse(TimelineAnswer.LIST, first, after, self._max_page)

        def read(connection: Connection) -> tuple[int, list[int], list[TimelineEntry]]:
            found = by.find(connection, app, index)
            members = members_of(connection, found.id)
            keys = keys_of_people(connection, app, index, [found.id])[found.id]
            entries = [
                *map(_known, first_known(connection, members)),
                *_merges(merges_of(connection, found.id)),
                *_unlinks(unlinks_of(connection, members)),
                *map(_suppressed, suppressions_of(connection, sorted(keys), now)),
            ]
            return found.id, members, entries

        person, members, entries = await self._directory.read(read)
        entries += map(_linked, await self._asking.links_of(app, members))
        before = None if page.after is None else (page.after, page.tie)
        # A visit at the very instant of the cursor is still to come where the cursor is another entry's.
        until = None if before is None else before[0] + (before[1] > 0)
        sessions = await self._asking.sessions_of(app, {person: members}, until, page.first + 1)
        entries = [*_numbered(entries), *map(_visit, sessions)]
        here = [each for each in entries if before is None or (each.at, each.tie) < before]
        shown = sorted(here, key=attrgetter("at", "tie"), reverse=True)[: page.first + 1]
        if "visitSource" in context.selected:
            shown = await self._with_sources(app, person, members, shown)
        if context.selected & {"pageviews", "data"}:
            shown = await self._with_pageviews(app, person, members, shown, why="why" in context.selected)
        total = None
        if "totalCount" in context.selected:
            visits = await self._asking.session_counts(app, {person: members})
            total = sum(visits.values()) + sum(each.session is None for each in entries)
        return TimelineAnswer.of(shown, page, total, lambda entry: (entry.at, entry.tie))

    async def _with_sources(
        self, app: int, person: int, members: list[int], entries: list[TimelineEntry]
    ) -> list[TimelineEntry]:
        """The entries, each visit with where it came from."""
        spans = [entry.session.span for entry in entries if entry.session]
        sources = await self._asking.sources_of_visits(app, {person: members}, spans)
        return [
            msgspec.structs.replace(entry, session=entry.session._replace(visit_source=sources[entry.session.span]))
            if entry.session
            else entry
            for entry in entries
        ]

    async def _with_pageviews(
        self, app: int, person: int, members: list[int], entries: list[TimelineEntry], *, why: bool
    ) -> list[TimelineEntry]:
        """The entries, each visit with its latest pageviews, in one query (and one look for the evidence)."""
        visits = [entry.session for entry in entries if entry.session]
        if not visits:
            return entries
        spans = [visit.span for visit in visits]
        rows = await self._asking.pageviews_between(app, {person: members}, spans, MOST_PAGEVIEWS)
        for place, row in rows:
            row["userId"] = str(person)
            visit = next((one for one in visits if one.started <= place.timestamp <= one.ended), None)
            if visit and visit.visit_source:
                row["visitSource"] = visit.visit_source
        if why:
            await self._why.put(app, rows)
        return [
            msgspec.structs.replace(entry, pageviews=_within(rows, entry.session)) if entry.session else entry
            for entry in entries
        ]


def _within(rows: Sequence[tuple[ListPlace, dict[str, Any]]], visit: Session) -> list[dict[str, Any]]:
    return [row for place, row in rows if visit.started <= place.timestamp <= visit.ended]


def _numbered(entries: Sequence[TimelineEntry]) -> Iterator[TimelineEntry]:
    """Entries with a tie that stays the same from page to page: more entries come only at later instants."""
    same: dict[int, int] = {}
    for entry in entries:
        same[entry.at] = same.get(entry.at, 0) + 1
        yield msgspec.structs.replace(entry, tie=same[entry.at])


def _visit(session: Session) -> TimelineEntry:
    pages = counted(session.pageviews, "pageviews")
    return TimelineEntry(kind="VISIT", at=session.started, text=f"A visit with {pages}.", session=session)


def _known(user: FirstKnown) -> TimelineEntry:
    how = "learned from a pageview" if user.learned else "made by identify or an import"
    return TimelineEntry(kind="KNOWN", at=user.created_at, text=f"User {user.id} was {how}.")


def _linked(link: VisitorLink) -> TimelineEntry:
    return TimelineEntry(kind="LINKED", at=link.linked_at, text=link_step(link)["text"], browser=link)


def _merges(merges: Sequence[Merge]) -> Iterator[TimelineEntry]:
    for merge in merges:
        yield TimelineEntry(kind="MERGED", at=merge.merged_at, text=merge_step(merge)["text"], merge=merge)
        if merge.undone_at is not None:
            text = f"The merge of users {merge.one} and {merge.other} was undone."
            yield TimelineEntry(kind="UNMERGED", at=merge.undone_at, text=text, merge=merge)


def _unlinks(unlinks: Sequence[Unlink]) -> Iterator[TimelineEntry]:
    for unlink in unlinks:
        text = f"Browser {unlink.visitor_id} was taken from the user."
        yield TimelineEntry(kind="UNLINKED", at=unlink.unlinked_at, text=text, unlink=unlink)
        if unlink.undone_at is not None:
            text = f"Browser {unlink.visitor_id} was given back to the user."
            yield TimelineEntry(kind="RELINKED", at=unlink.undone_at, text=text, unlink=unlink)


def _suppressed(suppression: Suppression) -> TimelineEntry:
    reason = f": {suppression.reason}" if suppression.reason else ""
    text = f"A contact of the user was suppressed{reason}."
    return TimelineEntry(kind="SUPPRESSED", at=suppression.created_at, text=text, suppression=suppression)
