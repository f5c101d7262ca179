"""Group commit: many callers share one look-up and one disk sync.

Pageviews that arrive while a group is being written form the next group. So all waiting callers share the cost of a
sync, and a single caller waits for no timer.
"""

import asyncio
import contextlib
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy.exc import DBAPIError

from heropixel import metrics
from heropixel.concurrency.own_thread import OwnThread
from heropixel.directory.users import User
from heropixel.errors import JournalUnavailable, Overloaded, Refusal, StorageUnavailable
from heropixel.identity.identifiers import Form
from heropixel.identity.resolve import NOT_KNOWN, Miss, Resolution, Resolver
from heropixel.journal import Journal
from heropixel.outages import Outage
from heropixel.recording.live import Live
from heropixel.recording.pageview import Pageview, late_question, to_lines
from heropixel.values import BEACON

# In a larger group, the look-up takes longer than the saved sync.
MAX_GROUP = 1024


class _Call(msgspec.Struct):
    """The pageviews of one caller, and the future of its answer."""

    pageviews: Sequence[Pageview]
    answer: "asyncio.Future[list[Resolution]]"
    live: bool  # subscribers receive them


class Recorder:
    """Records pageviews: they are on the disk before `record` returns, or not recorded at all.

    Lives on one event loop. Writes on a thread of its own, which alone uses the resolver and the journal.
    """

    def __init__(
        self,
        resolver: Resolver,
        journal: Journal,
        clock: Callable[[], int],
        max_waiting: int = 10_000,
        live: Live | None = None,
    ) -> None:
        self._resolver = resolver
        self._journal = journal
        self._clock = clock
        self._max_waiting = max_waiting
        self._live = live
        self._calls: list[_Call] = []
        self._waiting = 0
        self._busy = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._outage = Outage("pageviews are recorded again", logging.ERROR)
        self._thread = OwnThread("recorder")
        self._loop = asyncio.get_running_loop()

    async def record(self, pageviews: Sequence[Pageview], *, live: bool = True) -> list[Resolution]:
        """Record pageviews, all or none, and return their users. With `live` subscribers receive them.

        Raises:
            Overloaded: too many calls are waiting. It is raised at once, so that no queue grows without end.
            StorageUnavailable: they could not be made durable.
        """
        if self._waiting + len(pageviews) > self._max_waiting:
            raise Overloaded
        self._waiting += len(pageviews)
        call = _Call(pageviews, self._loop.create_future(), live)
        self._calls.append(call)
        if not self._busy:
            self._busy = True
            self._idle.clear()
            # Not at once: other calls of this turn of the event loop belong to the group.
            self._loop.call_soon(self._write_next)
        return await call.answer

    def waiting(self) -> int:
        """How many pageviews wait to be recorded."""
        return self._waiting

    async def remembers(self, pageviews: Sequence[Pageview]) -> list[bool]:
        """Whether each event id was recorded in the last 24 hours, so that `record` would not record it again.

        Raises:
            StorageUnavailable: the journal cannot be read.
        """
        keys = [_key_of(pageview) for pageview in pageviews]
        try:
            receipts = await self._thread.run(self._journal.receipts, keys, self._clock())
        except JournalUnavailable as error:
            raise StorageUnavailable from error
        return [key in receipts for key in keys]

    async def accepted(self) -> int:
        """The position in the journal below which everything is that was accepted before this call.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """
        with contextlib.suppress(Refusal):  # an error in the meantime is raised to its own caller
            await self.record(())
        return await self._thread.run(self._journal.end)

    async def drain(self) -> None:
        """Wait until every call is answered, and stop the thread."""
        await self._idle.wait()
        self._thread.close()

    def _write_next(self) -> None:
        calls = self._next_calls()
        if not calls:
            self._busy = False
            self._idle.set()
            return
        written = self._thread.run(self._write, [p for c in calls for p in c.pageviews])
        written.add_done_callback(lambda done: self._answer(calls, done))

    def _next_calls(self) -> list[_Call]:
        size = count = 0
        for call in self._calls:
            size += len(call.pageviews)
            if count and size > MAX_GROUP:
                break
            count += 1
        calls, self._calls = self._calls[:count], self._calls[count:]
        return calls

    def _answer(self, calls: list[_Call], written: "asyncio.Future[list[Resolution]]") -> None:
        self._write_next()
        failure = written.exception()
        answers = [] if failure else written.result()
        start = 0
        for call in calls:
            end = start + len(call.pageviews)
            self._waiting -= len(call.pageviews)
            if call.answer.done():  # the caller is gone; its pageviews are recorded all the same
                pass
            elif failure:
                call.answer.set_exception(failure)
            else:
                call.answer.set_result(answers[start:end])
            if self._live is not None and self._live.is_heard and call.live and not failure:
                self._tell(self._live, call.pageviews, answers[start:end])
            start = end

    def _tell(self, live: Live, pageviews: Sequence[Pageview], answers: Sequence[Resolution]) -> None:
        """Send pageviews to subscribers. Pageviews from browsers are resolved first."""
        if not any(answer.known_by for answer in answers):
            live.tell(zip(pageviews, answers, strict=True))
            return
        found = self._thread.run(self._find_users, pageviews, answers)
        found.add_done_callback(lambda found: live.tell(zip(pageviews, found.result(), strict=True)))

    def _find_users(self, pageviews: Sequence[Pageview], answers: Sequence[Resolution]) -> list[Resolution]:
        found = [*answers]
        late = [place for place, pageview in enumerate(pageviews) if pageview.row.known_by]
        questions = [late_question(pageviews[place].row) for place in late]
        try:
            resolutions = self._resolver.find(questions, self._clock())
        except DBAPIError:
            resolutions = [NOT_KNOWN] * len(late)  # subscribers get these pageviews without their users
        for place, resolution in zip(late, resolutions, strict=True):
            found[place] = resolution
            pageviews[place].resolved(resolution)
        return found

    def _write(self, pageviews: list[Pageview]) -> list[Resolution]:
        started = time.perf_counter()
        if not pageviews:
            return []
        try:
            answers = write(pageviews, self._resolver, self._journal, self._clock())
        except (JournalUnavailable, DBAPIError) as error:
            self._outage.failed("pageviews cannot be stored durably and are refused", error)
            raise StorageUnavailable from error
        self._outage.worked()
        metrics.group_size.observe(len(pageviews))
        metrics.group_seconds.observe(time.perf_counter() - started)
        return answers


def write(pageviews: Sequence[Pageview], resolver: Resolver, journal: Journal, now: int) -> list[Resolution]:
    """Resolve a group and append it to the journal. Pageviews that were appended before get their earlier answer."""
    if not any(pageview.guarded for pageview in pageviews):
        return _append(pageviews, {}, resolver, journal, now)
    # Each has a name: the key of its event id, or without one its place in the group.
    names = [_key_of(pageview) if pageview.guarded else place for place, pageview in enumerate(pageviews)]
    guarded = {name: pageview for name, pageview in zip(names, pageviews, strict=True) if isinstance(name, bytes)}
    answers = _answered_before(guarded, resolver, journal, now)
    fresh: dict[bytes | int, Pageview] = {}
    for name, pageview in zip(names, pageviews, strict=True):
        if name not in answers:
            fresh.setdefault(name, pageview)
    if fresh:
        guards = {name: place for place, name in enumerate(fresh) if isinstance(name, bytes)}
        answers.update(zip(fresh, _append([*fresh.values()], guards, resolver, journal, now), strict=True))
    return [answers[name] for name in names] if len({*names}) == len(names) else [*_in_order(names, answers)]


def _in_order(names: Sequence[bytes | int], answers: Mapping[bytes | int, Resolution]) -> Iterator[Resolution]:
    """An answer for each name. The second and later answers for a name are marked as repeated."""
    answered: set[bytes | int] = set()
    for name in names:
        yield msgspec.structs.replace(answers[name], repeated=True) if name in answered else answers[name]
        answered.add(name)


def _append(
    pageviews: Sequence[Pageview], guards: Mapping[bytes, int], resolver: Resolver, journal: Journal, now: int
) -> list[Resolution]:
    """Resolve and append new pageviews. The keys of `guards` are the receipts' keys of the pageviews at its places."""
    resolutions = resolver.resolve([pageview.question for pageview in pageviews], now)
    rows = [pageview.resolved(resolution) for pageview, resolution in zip(pageviews, resolutions, strict=True)]
    # The answer to a browser never names a user. So its receipt is empty: that costs a fifth of a full one.
    receipts = {
        key: b"" if pageviews[place].question.from_browser else _receipt(resolutions[place])
        for key, place in guards.items()
    }
    # What is replaced may still be on its way. It counts as recorded, so that its page is not counted twice.
    receipts.update((_key(row.pixel_id, row.replaces), b"") for row in rows if row.replaces)
    journal.append(to_lines(rows), receipts, now)
    return resolutions


def _key_of(pageview: Pageview) -> bytes:
    return _key(pageview.row.pixel_id, pageview.row.event_id)


def _key(pixel: int, event_id: str) -> bytes:
    """The key under which the receipt of an event id is stored: it is unique to its pixel.

    The id of a beacon begins with the time it was made, and so does its key: keys of the same time are neighbours.
    """
    made = _made(event_id) if event_id.startswith(BEACON) else b""  # also where it is imported
    named = b"%d:%b" % (pixel, event_id.encode())
    return made + hashlib.blake2b(named, digest_size=16 - len(made)).digest()


def _made(event_id: str) -> bytes:
    """The time when a beacon was made, from its id."""
    try:
        return bytes.fromhex(event_id[len(BEACON) :][:12])
    except ValueError:
        return b""


class _Receipt(msgspec.Struct, array_like=True, frozen=True):
    """A resolution as a receipt stores it. It has the user's number only, so that it keeps no personal data."""

    user_id: int
    created: bool
    matched_on: str | None
    form: int | None
    miss: str | None


def _receipt(resolution: Resolution) -> bytes:
    return msgspec.msgpack.encode(
        _Receipt(resolution.via, resolution.created, resolution.matched_on, resolution.form, resolution.miss)
    )


def _answered_before(
    guarded: Mapping[bytes, Pageview], resolver: Resolver, journal: Journal, now: int
) -> dict[bytes | int, Resolution]:
    found = journal.receipts([*guarded], now)
    answers: dict[bytes | int, Resolution] = dict.fromkeys(found, _WITHOUT_USER)
    receipts = {
        key: msgspec.msgpack.decode(receipt, type=_Receipt)
        for key, receipt in found.items()
        if receipt and not guarded[key].question.from_browser  # the answer to a browser needs no user
    }
    known = resolver.users([receipt.user_id for receipt in receipts.values() if receipt.user_id])
    answers.update((key, _remembered(receipt, known.get(receipt.user_id))) for key, receipt in receipts.items())
    return answers


# The user was erased since; or the first pageview came from a browser endpoint, and this one is its imported copy.
_WITHOUT_USER = Resolution(miss=Miss.NOT_KNOWN, repeated=True)


def _remembered(receipt: _Receipt, user: User | None) -> Resolution:
    if user is None and not receipt.miss:
        return _WITHOUT_USER
    return Resolution(
        user=user,
        via=receipt.user_id,
        created=receipt.created,
        matched_on=receipt.matched_on,
        form=None if receipt.form is None else Form(receipt.form),
        miss=None if receipt.miss is None else Miss(receipt.miss),
        repeated=True,
    )
