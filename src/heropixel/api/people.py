"""The people an app knows: `user`, `users`, and their activity, `userPageviews` and `userSessions`.

The selected fields are read for all users of a page together: three statements in the directory (and two for the
pixels), two queries in the event store (and one for the users seen since an instant, and two to four for where they
first came from).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.callers import Caller
from heropixel.api.connections import ListAnswer, ListPage, digest_of
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.last_seen import LIST, LastSeen, SeenInput
from heropixel.api.shared_people import check_shared
from heropixel.api.why import Why
from heropixel.directory.merges import Merge, members_of, merges_of
from heropixel.directory.people import ListedUser, Search, count_people, is_learned, list_people, with_contacts
from heropixel.directory.pixels import PixelRow, find_pixels
from heropixel.directory.registry import Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.unlinks import Unlink, unlinks_of
from heropixel.directory.users import User
from heropixel.errors import EventStoreUnavailable
from heropixel.events.asking import Asking
from heropixel.events.evidence import VisitorLink
from heropixel.events.first_sources import FirstSource
from heropixel.events.pageviews import ListPlace
from heropixel.events.people import NEVER_SEEN, Activity, Persons, Session
from heropixel.identity.identifiers import Index
from heropixel.identity.person import UserSelector
from heropixel.identity.search import UserSearch
from heropixel.reports.seen import SeenPerson
from heropixel.reports.shared import narrowed
from heropixel.shown import USER, show, show_pageview, show_session


class Profile(msgspec.Struct, frozen=True):
    """A person, with as much of their activity as was selected."""

    user: User
    learned: bool
    emails: Sequence[str]
    phones: Sequence[str]
    activity: Activity
    session_count: int
    pixels: Sequence[PixelRow]
    seen_in_range: SeenPerson | None = None
    first_source: FirstSource | None = None

    @property
    def plain(self) -> dict[str, Any]:
        """What the directory knows of them."""
        return {**show(USER, self.user), "emails": self.emails, "phones": self.phones}


class UserAnswer(Answer):
    """The answer with one user and what is known of them."""

    user: Profile | None = None
    merges: list[Merge] | None = None
    browsers: list[VisitorLink] | None = None
    unlinks: list[Unlink] | None = None
    suppressed: bool | None = None

    @property
    def emails(self) -> Sequence[str] | None:
        """Their email addresses."""
        return self.user.emails if self.user else None

    @property
    def phones(self) -> Sequence[str] | None:
        """Their telephone numbers."""
        return self.user.phones if self.user else None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The user."""
        return {**self.user.plain, "suppressed": self.suppressed} if self.user else NOTHING


class UsersAnswer(ListAnswer):
    """A page of users."""

    LIST = "users"
    EMPTY = "No users; identify, imports and pageviews with an address add them"

    @staticmethod
    def plain(node: Profile) -> dict[str, Any]:
        """A user."""
        return node.plain


class UserPageviewsAnswer(ListAnswer):
    """A page of the pageviews of a user."""

    LIST = "pageviews"
    EMPTY = "No pageviews of this user; one that names the user, or a browser of theirs, adds to them"

    @staticmethod
    def plain(node: dict[str, Any]) -> dict[str, Any]:
        """A pageview."""
        return show_pageview(node)


class UserSessionsAnswer(ListAnswer):
    """A page of the sessions of a user."""

    LIST = "sessions"
    EMPTY = "No sessions of this user; they are made of the user's pageviews"

    @staticmethod
    def plain(node: Session) -> dict[str, Any]:
        """A session."""
        return show_session(node)


class People:
    """Resolves the people an app knows, and their activity."""

    def __init__(
        self,
        *,
        directory: DirectoryThread,
        searching: DirectoryThread,
        asking: Asking,
        why: Why,
        registry: Registry,
        last_seen: LastSeen,
        index: Index,
        clock: Callable[[], int],
        max_page: int,
    ) -> None:
        self._directory = directory
        self._searching = searching
        self._asking = asking
        self._why = why
        self._registry = registry
        self._last_seen = last_seen
        self._index = index
        self._clock = clock
        self._max_page = max_page

    @answers(UserAnswer)
    async def user(self, context: Context, by: UserSelector, auth: Credentials | None = None) -> UserAnswer:
        """One user, with what is known of them."""
        app, index = context.authenticate(auth).number, self._index

        def read(connection: Connection) -> tuple[list[ListedUser], list[Merge], list[Unlink] | None]:
            found = by.find(connection, app, index)
            listed = with_contacts(connection, [(found, is_learned(connection, found.id))])
            unlinks = unlinks_of(connection, listed[0].members) if "unlinks" in context.selected else None
            return listed, merges_of(connection, found.id), unlinks

        listed, merges, unlinks = await self._directory.read(read)
        browsers = await self._asking.links_of(app, listed[0].members) if "browsers" in context.selected else None
        (profile,), trouble = await self._profiles(context, app, listed)
        suppressed = profile.user.suppressed_until > self._clock()
        answer = UserAnswer(user=profile, merges=merges, browsers=browsers, unlinks=unlinks, suppressed=suppressed)
        return _with_trouble(answer, trouble)

    @answers(UsersAnswer)
    async def users(
        self,
        context: Context,
        first: int = 50,
        after: str | None = None,
        search: UserSearch | None = None,
        order_by: str = "OLDEST",
        seen: SeenInput | None = None,
        auth: Credentials | None = None,
    ) -> UsersAnswer:
        """The users of the app."""
        caller = context.caller(auth)
        app = caller.app.number
        if caller.share:
            check_shared(seen, search, context.selected)
        if caller.masked and search:
            search.check_for_masked()
        if seen or order_by == "LAST_SEEN":
            return await self._by_last_seen(context, caller, first, after, search, seen)
        page = ListPage.parse(UsersAnswer.LIST, first, after, self._max_page)
        wanted = await self._search(caller, search or UserSearch())

        def read(connection: Connection) -> list[ListedUser]:
            return list_people(connection, app, wanted, page.after, page.first + 1, newest=order_by == "NEWEST")

        # Without a search, a page takes a few steps in an index. With a search it may scan all users.
        reading = self._searching if any(part is not None for part in wanted) else self._directory
        listed = await reading.read(read)
        total = None
        if "totalCount" in context.selected:
            total = await self._searching.read(lambda connection: count_people(connection, app, wanted))
        profiles, trouble = await self._profiles(context, app, listed)
        answer = UsersAnswer.of(profiles, page, total, lambda profile: profile.user.id)
        return _with_trouble(answer, trouble)

    async def _by_last_seen(
        self,
        context: Context,
        caller: Caller,
        first: int,
        after: str | None,
        search: UserSearch | None,
        seen: SeenInput | None,
    ) -> UsersAnswer:
        app = caller.app.number
        page = ListPage.parse(f"{LIST}-{digest_of(seen)}" if seen else LIST, first, after, self._max_page)
        question = seen.question(self._registry.pixels, caller, self._clock()) if seen else None
        if question and caller.share:
            question = narrowed(question, caller.share.filter)
        wanted = await self._search(caller, search or UserSearch())
        found = await self._last_seen.page(app, wanted, question, page)
        total = None
        if "totalCount" in context.selected:
            total = (
                await self._last_seen.count(app, wanted, question)
                if question
                else await self._searching.read(lambda connection: count_people(connection, app, wanted))
            )
        if caller.share:
            profiles, trouble = [_seen_only(each, found.seen[each.user.id]) for each in found.listed], ""
        else:
            profiles, trouble = await self._profiles(context, app, found.listed)
        if question:
            profiles = [
                msgspec.structs.replace(profile, seen_in_range=found.seen[profile.user.id]) for profile in profiles
            ]
        answer = UsersAnswer.of(profiles, page, total, lambda profile: found.places[profile.user.id])
        return _with_trouble(answer, trouble)

    async def _search(self, caller: Caller, given: UserSearch) -> Search:
        search, since = given.search(), given.instant()
        if caller.masked and search.words:
            search = search._replace(masked=True)
        if since is None:
            return search
        return search._replace(seen=await self._asking.seen_since(caller.app.number, since))

    async def _profiles(self, context: Context, app: int, listed: Sequence[ListedUser]) -> tuple[list[Profile], str]:
        """These people, with as much of their activity as was selected, and what could not be read."""
        persons = {each.user.id: each.members for each in listed}
        seen: dict[int, Activity] = {}
        sessions: dict[int, int] = {}
        pixels: dict[int, PixelRow] = {}
        if persons and context.selected & _SEEN:
            seen = await self._asking.activity(app, persons)
        if persons and "sessionCount" in context.selected:
            sessions = await self._asking.session_counts(app, persons)
        if seen and "pixels" in context.selected:
            ids = {pixel for each in seen.values() for pixel in each.pixels}
            pixels = await self._directory.read(lambda connection: find_pixels(connection, ids, app))
        sources, trouble = await self._first_sources(context, app, persons)
        return [
            _profile(each, seen.get(each.user.id, NEVER_SEEN), sessions.get(each.user.id, 0), pixels, sources)
            for each in listed
        ], trouble

    async def _first_sources(
        self, context: Context, app: int, persons: Persons
    ) -> tuple[Mapping[int, FirstSource], str]:
        """Where these people first came from, if it was selected, and why it is not known.

        A list of people does not depend on it: without the event store it is answered all the same.
        """
        if not persons or "firstSource" not in context.selected:
            return {}, ""
        try:
            return await self._asking.first_sources(app, persons), ""
        except EventStoreUnavailable:
            return {}, _SOURCES_UNKNOWN

    @answers(UserPageviewsAnswer)
    async def user_pageviews(
        self,
        context: Context,
        by: UserSelector,
        first: int = 50,
        after: str | None = None,
        auth: Credentials | None = None,
    ) -> UserPageviewsAnswer:
        """The pageviews of one user, newest first."""
        app = context.authenticate(auth).number
        page = ListPage.parse(UserPageviewsAnswer.LIST, first, after, self._max_page)
        persons = await self._person(app, by)
        (person,) = persons
        before = None if page.after is None else ListPlace(page.after, page.tie)
        rows = await self._asking.pageviews_of(app, persons, before, page.first + 1)
        total = None
        if "totalCount" in context.selected:
            counted = await self._asking.activity(app, persons)
            total = sum(each.pageviews for each in counted.values())
        for _, row in rows:  # also of a merged id, and of a browser that was linked later
            row["userId"] = str(person)
        if "why" in context.selected:
            await self._why.put(app, rows)
        if "visitSource" in context.selected:
            sources = await self._asking.sources_of_pageviews(app, persons, [place.position for place, _ in rows])
            for place, row in rows:
                row["visitSource"] = sources.get(place.position)
        places = {id(row): place for place, row in rows}
        return UserPageviewsAnswer.of([row for _, row in rows], page, total, lambda row: places[id(row)])

    @answers(UserSessionsAnswer)
    async def user_sessions(
        self,
        context: Context,
        by: UserSelector,
        first: int = 50,
        after: str | None = None,
        auth: Credentials | None = None,
    ) -> UserSessionsAnswer:
        """The sessions of one user, newest first."""
        app = context.authenticate(auth).number
        page = ListPage.parse(UserSessionsAnswer.LIST, first, after, self._max_page)
        persons = await self._person(app, by)
        rows = await self._asking.sessions_of(app, persons, page.after, page.first + 1)
        if "visitSource" in context.selected:
            sources = await self._asking.sources_of_visits(app, persons, [each.span for each in rows])
            rows = [each._replace(visit_source=sources[each.span]) for each in rows]
        total = None
        if "totalCount" in context.selected:
            counted = await self._asking.session_counts(app, persons)
            total = sum(counted.values())
        return UserSessionsAnswer.of(rows, page, total, lambda session: session.started)

    async def _person(self, app: int, by: UserSelector) -> dict[int, list[int]]:
        """All user ids of one person, by the surviving id."""

        def read(connection: Connection) -> dict[int, list[int]]:
            found = by.find(connection, app, self._index)
            return {found.id: members_of(connection, found.id)}

        return await self._directory.read(read)


_SEEN = {"firstPageview", "lastSeen", "pageviewCount", "pixels"}


_SOURCES_UNKNOWN = "firstSource cannot be read now: the event store is not reachable. Try again in a moment"

A = TypeVar("A", bound=Answer)


def _with_trouble(answer: A, trouble: str) -> A:
    """The answer, with a message that also says what could not be read."""
    if trouble:
        answer.message = f"{answer.message}. {trouble}"
    return answer


def _seen_only(listed: ListedUser, seen: SeenPerson) -> Profile:
    """A person for a visitor of a share: what they did elsewhere is not told."""
    return _profile(listed, Activity(seen.pageviews, seen.first, seen.last, ()), 0, {}, {})


def _profile(
    listed: ListedUser,
    seen: Activity,
    session_count: int,
    pixels: Mapping[int, PixelRow],
    sources: Mapping[int, FirstSource],
) -> Profile:
    user, learned, _, emails, phones, _ = listed
    on = [pixels[pixel] for pixel in seen.pixels if pixel in pixels]
    return Profile(user, learned, emails, phones, seen, session_count, on, first_source=sources.get(user.id))
