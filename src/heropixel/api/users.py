"""Identifying users: `identify`, `identifyMany`, `previewMerge`, `mergeUsers`, `unmerge`."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from heropixel.api.answers import NOTHING, Answer, answers
from heropixel.api.audit import noted
from heropixel.api.callers import Caller
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.directory.merges import Merge, merges_of
from heropixel.directory.registry import App
from heropixel.directory.thread import DirectoryThread
from heropixel.directory.users import User
from heropixel.errors import IdentifierMissing, PersonErased, Refusal, TooManyUsers
from heropixel.identity.batch import Identified, MergeOrigin, Result, ToIdentify
from heropixel.identity.identifiers import Index
from heropixel.identity.identify import identify_within, merge_by_hand
from heropixel.identity.person import Person, UserInput, UserSelector
from heropixel.identity.tally import Tally
from heropixel.identity.unmerge import undo_merge
from heropixel.shown import USER, show
from heropixel.values import counted


class IdentifyAnswer(Answer):
    """The answer to the identification of one user."""

    result: str | None = None
    user: User | None = None
    added: Sequence[str] | None = None
    conflicts: Sequence[str] | None = None
    merges: Sequence[Merge] | None = None

    @classmethod
    def of(cls, identified: Identified) -> "IdentifyAnswer":
        """The answer for a user who was identified.

        Raises:
            IdentifierMissing: only a visitor id was given, and it belongs to no user.
            PersonErased: the person was erased with a tombstone and must not be learned again.
        """
        if identified.result is Result.ERASED:
            raise PersonErased
        if identified.user is None:
            raise IdentifierMissing
        return cls(
            message=f"User {identified.result}",
            result=identified.result.name,
            user=identified.user,
            added=identified.added,
            conflicts=identified.conflicts,
            merges=identified.merges,
        )

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The user, whether they were created, updated, merged or unchanged, and what became of the identifiers."""
        if not self.result:
            return NOTHING
        news = {"added": self.added, "conflicts": self.conflicts}
        news["merges"] = [str(merge.id) for merge in self.merges or ()]
        user = show(USER, self.user) if self.user else {}
        return {"result": self.result, **user, **{name: each for name, each in news.items() if each}}

    def for_(self, caller: Caller) -> "IdentifyAnswer":
        """The same for a caller who may not be told who somebody is."""
        if not caller.sees_people:
            self.user = None
        return self


class IdentifyManyAnswer(Answer):
    """The answer to the identification of many users."""

    results: Sequence[IdentifyAnswer] | None = None
    merged: int | None = None
    repeated: int | None = None
    conflicts: int | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """How many users were accepted and how many refused; and of the accepted ones, what there is to know."""
        if self.results is None:
            return NOTHING
        taken = sum(result.code == 200 for result in self.results)
        counts = {"merged": self.merged, "repeated": self.repeated, "conflicts": self.conflicts}
        return {"taken": taken, "refused": len(self.results) - taken, **counts}


class UnmergeAnswer(Answer):
    """The answer with the two users of the merge that was undone."""

    users: list[User] | None = None

    @property
    def data(self) -> Any:  # noqa: ANN401 - see Answer
        """The two users."""
        return NOTHING if self.users is None else {"users": [show(USER, user) for user in self.users]}


class Identities:
    """Resolves identification: users are created, completed, merged and split."""

    def __init__(
        self, *, directory: DirectoryThread, index: Index, clock: Callable[[], int], max_users: int, max_joined: int
    ) -> None:
        self._directory = directory
        self._index = index
        self._clock = clock
        self._max_users = max_users
        self._max_joined = max_joined

    @answers(IdentifyAnswer)
    async def identify(self, context: Context, user: UserInput, auth: Credentials | None = None) -> IdentifyAnswer:
        """Create, complete or merge the user of these identifiers."""
        caller = context.caller(auth)
        batch = self._batch(caller.app, [user.person()])

        def identifying(connection: Connection) -> Identified:
            (identified,) = identify_within(connection, batch)
            return identified

        identified = await self._directory.write(noted(context, identifying, _about))
        return IdentifyAnswer.of(identified).for_(caller)

    @answers(IdentifyManyAnswer)
    async def identify_many(
        self, context: Context, users: list[UserInput], auth: Credentials | None = None
    ) -> IdentifyManyAnswer:
        """Identify many users in one transaction. A bad user gets its own answer and does not affect the others."""
        caller, limit = context.caller(auth), self._max_users
        if len(users) > limit:
            raise TooManyUsers(count=len(users), limit=limit)
        checked = [_checked(user) for user in users]
        batch = self._batch(caller.app, [person for person in checked if isinstance(person, Person)])

        def identifying(connection: Connection) -> list[Identified]:
            return identify_within(connection, batch)

        noting = noted(context, identifying, lambda _: counted(len(users), "users"))
        identified = await self._directory.write(noting)
        tally = Tally()
        tally.add(identified)
        answered = iter(identified)
        results = [
            _answered(next(answered)) if isinstance(person, Person) else IdentifyAnswer.refused(person)
            for person in checked
        ]
        taken = sum(result.code == 200 for result in results)
        return IdentifyManyAnswer(
            message=f"{taken} of {counted(len(results), 'users')} taken",
            results=[result.for_(caller) for result in results],
            merged=tally.results[Result.MERGED],
            repeated=tally.repeated,
            conflicts=tally.conflicts,
        )

    @answers(IdentifyAnswer)
    async def preview_merge(self, context: Context, user: UserInput, auth: Credentials | None = None) -> IdentifyAnswer:
        """What `identify` would do. Nothing is changed."""
        batch = self._batch(context.authenticate(auth), [user.person()])

        def preview(connection: Connection) -> Identified:
            connection.exec_driver_sql("SAVEPOINT preview")
            try:
                (identified,) = identify_within(connection, batch)
            finally:
                connection.exec_driver_sql("ROLLBACK TO preview")
            return identified

        return IdentifyAnswer.of(await self._directory.write(preview))

    @answers(IdentifyAnswer)
    async def merge_users(
        self, context: Context, one: UserSelector, other: UserSelector, auth: Credentials | None = None
    ) -> IdentifyAnswer:
        """Merge two users by hand."""
        caller = context.caller(auth)
        app, now = caller.app, self._clock()

        def merging(connection: Connection) -> tuple[Identified, list[Merge]]:
            first, second = (by.find(connection, app.number, self._index) for by in (one, other))
            identified = merge_by_hand(connection, self._index, first, second, MergeOrigin.API, now)
            return identified, merges_of(connection, first.id)

        noting = noted(context, merging, lambda merged: ", ".join(f"merge {merge.id}" for merge in merged[1]))
        identified, merges = await self._directory.write(noting)
        answer = IdentifyAnswer.of(identified)
        answer.merges = merges
        return answer.for_(caller)

    @answers(UnmergeAnswer)
    async def unmerge_users(self, context: Context, id: str, auth: Credentials | None = None) -> UnmergeAnswer:  # noqa: A002 - the schema's
        """Undo a merge."""
        caller = context.caller(auth)
        app, now = caller.app, self._clock()

        def undo(connection: Connection) -> list[User]:
            return undo_merge(connection, app.number, self._index, id, now)

        users = await self._directory.write(noted(context, undo, lambda _: f"merge {id}"))
        return UnmergeAnswer(message="Users unmerged", users=users if caller.sees_people else [])

    def _batch(self, app: App, persons: Sequence[Person]) -> ToIdentify:
        return ToIdentify.of(app.number, persons, self._index, MergeOrigin.API, self._clock(), self._max_joined)


def _about(identified: Identified) -> str:
    """What the audit list says of it."""
    return f"user {identified.user.id}" if identified.user else ""


def _checked(user: UserInput) -> Person | Refusal:
    try:
        return user.person()
    except Refusal as refusal:
        return refusal


def _answered(identified: Identified) -> IdentifyAnswer:
    try:
        return IdentifyAnswer.of(identified)
    except Refusal as refusal:
        return IdentifyAnswer.refused(refusal)
