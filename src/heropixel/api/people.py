"""The people an app knows: `user`, `users`, and what was seen of them, `userPageviews` and `userSessions`.

What is asked for is read for all of a page at once: three statements of the directory (and two for the pixels), two
questions to the event store (and one for whom it has seen since).
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.connections import ListAnswer, Page
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.users import plain_user
from heropixel.directory.merges import Merge, members_of, merges_of
from heropixel.directory.people import Listed, Search, count_people, is_learned, list_people, with_contacts
from heropixel.directory.pixels import PixelRow, find_pixels
from heropixel.directory.users import User
from heropixel.identity.person import UserSelector
from heropixel.identity.search import UserSearch
from heropixel.sightings import (
    NEVER_SEEN,
    Figures,
    Place,
    Session,
    figures,
    pageviews_of,
    seen_since,
    session_counts,
    sessions_of,
)
from heropixel.values import date_time


class Profile(msgspec.Struct, frozen=True):
    """A person, with as much of what was seen of her as was asked for."""

    user: User
    learned: bool
    emails: Sequence[str]
    phones: Sequence[str]
    figures: Figures
    session_count: int
    pixels: Sequence[PixelRow]

    @property
    def plain(self) -> dict[str, Any]:
        """What the directory knows of her."""
        return {**plain_user(self.user), "emails": self.emails, "phones": self.phones}


class UserAnswer(Answer):
    """The answer with one user and what is known of her."""

    user: Profile | None = None
    merges: list[Merge] | None = None
    suppressed: bool | None = None

    @property
    def emails(self) -> Sequence[str] | None:
        """Her addresses."""
        return self.user.emails if self.user else None

    @property
    def phones(self) -> Sequence[str] | None:
        """Her telephone numbers."""
        return self.user.phones if self.user else None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The user."""
        return {**self.user.plain, "suppressed": self.suppressed} if self.user else NOTHING


class UsersAnswer(ListAnswer):
    """A page of users."""

    LIST = "users"

    @staticmethod
    def plain(node: Profile) -> dict[str, Any]:
        """A user."""
        return node.plain


class UserPageviewsAnswer(ListAnswer):
    """A page of the pageviews of a user."""

    LIST = "pageviews"

    @staticmethod
    def plain(node: dict[str, Any]) -> dict[str, Any]:
        """A pageview."""
        return {**node, "timestamp": date_time(node["timestamp"])}


class UserSessionsAnswer(ListAnswer):
    """A page of the sessions of a user."""

    LIST = "sessions"

    @staticmethod
    def plain(node: Session) -> dict[str, Any]:
        """A session."""
        return {
            "startedAt": date_time(node.started),
            "endedAt": date_time(node.ended),
            "pageviewCount": node.pageviews,
            "entryUrl": node.entry_url,
            "exitUrl": node.exit_url,
        }


@answers(UserAnswer)
async def user(context: Context, by: UserSelector, auth: Credentials | None = None) -> UserAnswer:
    """One user, with what is known of her."""
    app, index = context.authenticate(auth).number, context.product.index

    def read(connection: Connection) -> tuple[list[Listed], list[Merge]]:
        found = by.find(connection, app, index)
        listed = with_contacts(connection, [(found, is_learned(connection, found.id))])
        return listed, merges_of(connection, found.id)

    listed, merges = await context.product.directory.read(read)
    (profile,) = await _profiles(context, app, listed)
    suppressed = profile.user.suppressed_until > context.product.clock()
    return UserAnswer(user=profile, merges=merges, suppressed=suppressed)


@answers(UsersAnswer)
async def users(
    context: Context,
    first: int = 50,
    after: str | None = None,
    search: UserSearch | None = None,
    order_by: str = "OLDEST",
    auth: Credentials | None = None,
) -> UsersAnswer:
    """The users of the app."""
    app, product = context.authenticate(auth).number, context.product
    page = Page.parse(UsersAnswer.LIST, first, after, product.at_most.page)
    wanted = await _search(context, app, search or UserSearch())

    def read(connection: Connection) -> list[Listed]:
        return list_people(connection, app, wanted, page.after, page.first + 1, newest=order_by == "NEWEST")

    # Without a search a page is a few steps in an index; with one it may be a walk through all of them.
    reading = product.searching if any(part is not None for part in wanted) else product.directory
    listed = await reading.read(read)
    total = None
    if "totalCount" in context.selected:
        total = await product.searching.read(lambda connection: count_people(connection, app, wanted))
    profiles = await _profiles(context, app, listed)
    return UsersAnswer.of(profiles, page, total, lambda profile: profile.user.id)


async def _search(context: Context, app: int, given: UserSearch) -> Search:
    search, since = given.search(), given.instant()
    if since is None:
        return search
    return search._replace(seen=await context.product.events.read(lambda events: seen_since(events, app, since)))


_SEEN = {"firstPageview", "lastSeen", "pageviewCount", "pixels"}


async def _profiles(context: Context, app: int, listed: Sequence[Listed]) -> list[Profile]:
    """These people, with as much of what was seen of them as was asked for."""
    people, product = {each.user.id: each.members for each in listed}, context.product
    seen: dict[int, Figures] = {}
    sessions: dict[int, int] = {}
    pixels: dict[int, PixelRow] = {}
    if people and context.selected & _SEEN:
        seen = await product.events.read(lambda events: figures(events, app, people))
    if people and "sessionCount" in context.selected:
        sessions = await product.events.read(lambda events: session_counts(events, app, people))
    if seen and "pixels" in context.selected:
        ids = {pixel for each in seen.values() for pixel in each.pixels}
        pixels = await product.directory.read(lambda connection: find_pixels(connection, ids, app))
    return [
        _profile(each, seen.get(each.user.id, NEVER_SEEN), sessions.get(each.user.id, 0), pixels) for each in listed
    ]


def _profile(listed: Listed, seen: Figures, session_count: int, pixels: dict[int, PixelRow]) -> Profile:
    user, learned, _, emails, phones = listed
    on = [pixels[pixel] for pixel in seen.pixels if pixel in pixels]
    return Profile(user, learned, emails, phones, seen, session_count, on)


@answers(UserPageviewsAnswer)
async def user_pageviews(
    context: Context, by: UserSelector, first: int = 50, after: str | None = None, auth: Credentials | None = None
) -> UserPageviewsAnswer:
    """The pageviews of one user, newest first."""
    app, events = context.authenticate(auth).number, context.product.events
    page = Page.parse(UserPageviewsAnswer.LIST, first, after, context.product.at_most.page)
    people = await _person(context, app, by)
    before = None if page.after is None else Place(page.after, page.tie)
    rows = await events.read(lambda events: pageviews_of(events, app, people, before, page.first + 1))
    total = None
    if "totalCount" in context.selected:
        counted = await events.read(lambda events: figures(events, app, people))
        total = sum(each.pageviews for each in counted.values())
    places = {id(row): place for place, row in rows}
    return UserPageviewsAnswer.of([row for _, row in rows], page, total, lambda row: places[id(row)])


@answers(UserSessionsAnswer)
async def user_sessions(
    context: Context, by: UserSelector, first: int = 50, after: str | None = None, auth: Credentials | None = None
) -> UserSessionsAnswer:
    """The sessions of one user, newest first."""
    app, events = context.authenticate(auth).number, context.product.events
    page = Page.parse(UserSessionsAnswer.LIST, first, after, context.product.at_most.page)
    people = await _person(context, app, by)
    rows = await events.read(lambda events: sessions_of(events, app, people, page.after, page.first + 1))
    total = None
    if "totalCount" in context.selected:
        counted = await events.read(lambda events: session_counts(events, app, people))
        total = sum(counted.values())
    return UserSessionsAnswer.of(rows, page, total, lambda session: session.started)


async def _person(context: Context, app: int, by: UserSelector) -> dict[int, list[int]]:
    """The ids of one person, by her own."""

    def read(connection: Connection) -> dict[int, list[int]]:
        found = by.find(connection, app, context.product.index)
        return {found.id: members_of(connection, found.id)}

    return await context.product.directory.read(read)
