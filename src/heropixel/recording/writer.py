"""The writer: group commit over all doors. Many callers share one look-up and one disk sync.

Pageviews that arrive while a group is being written form the next group. So all waiting callers share the cost of a
sync, and a single caller waits for no timer. There is one writer, as the journal has one appender.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError

from heropixel import metrics
from heropixel.channels.frames import FrameLine
from heropixel.directory.users import User
from heropixel.errors import JournalUnavailable, JournalUnsure
from heropixel.identity.resolve import NOT_KNOWN, LateQuestion, Resolution, Resolver
from heropixel.journal import Journal
from heropixel.outages import Outage
from heropixel.recording.other_nodes import Others, head_of
from heropixel.recording.pageview import Entry, late_question, put_resolution
from heropixel.recording.talk import (
    ENCODER,
    FROM_DOOR,
    AllRecorded,
    Ask,
    EndOfJournal,
    FromWriter,
    HandedOver,
    HandOver,
    Listen,
    MaybeRecorded,
    NotRead,
    NotRecorded,
    Ready,
    Record,
    Remember,
    Remembered,
    ToCheckAgain,
    Told,
    WhereIsTheEnd,
)
from heropixel.recording.writing import Submission, Written, write

log = structlog.get_logger()

# In a larger group, the look-up takes longer than the saved sync.
MAX_GROUP = 1024

_FOLLOW_SECONDS = 0.1  # between looks what other nodes have recorded: subscribers hear of it within 250 ms
_FAREWELL = 1.0  # seconds that a door may take to read its last answers
_NOTHING = Listen(frozenset(), frozenset())


class _Round(msgspec.Struct):
    """Every door hands over what it has accepted; then the one who asked gets the end of the journal."""

    asker: FrameLine
    call: int
    waiting: set[FrameLine]


class _Changed(Exception):  # noqa: N818 - it is no error
    """Apps or pixels have changed since a pageview of the group was checked. Nothing was stored."""

    def __init__(self, revision: int) -> None:
        super().__init__(revision)
        self.revision = revision


class Writer:
    """Lives on one event loop, which does nothing else. It blocks the loop while it writes."""

    def __init__(
        self,
        resolver: Resolver,
        journal: Journal,
        clock: Callable[[], int],
        revision: Callable[[], int] | None = None,
    ) -> None:
        """`revision` reads that of apps and pixels, in the transaction of a group. Left out: no other node is there
        that could have changed them, and been answered, before doors notice it.
        """
        self._revision = revision
        self._heard = asyncio.Event()  # that somebody listens
        self._resolver = resolver
        self._journal = journal
        self._clock = clock
        self._doors: dict[FrameLine, Listen] = {}
        self._asked: deque[tuple[FrameLine, Ask]] = deque()
        self._rounds: dict[int, _Round] = {}
        self._last_round = 0
        self._outage = Outage("pageviews are recorded again", logging.ERROR)

    async def keep_held(self, seconds: float) -> None:
        """Show other nodes this often that this one is alive, without end."""
        while True:
            await asyncio.sleep(seconds)
            with contextlib.suppress(JournalUnavailable):  # the next group says so
                self._journal.hold()

    async def keep_telling(self, others: Others) -> None:
        """Tell subscribers what other nodes record, without end."""
        while True:
            if not self._has_listeners():
                others.rest()
                self._heard.clear()
                await self._heard.wait()
            try:
                self._tell_of_others(await asyncio.to_thread(others.read))
            except JournalUnavailable:  # it goes on where it was
                pass
            except Exception:  # a fault must not end it
                log.exception("pageviews of other nodes cannot be sent live")
            await asyncio.sleep(_FOLLOW_SECONDS)

    async def serve(self, listening: socket.socket, stopping: asyncio.Event) -> None:
        """Write for whoever connects, until it is told to stop. What has arrived by then is written."""
        # Not `create_unix_server`: later versions of Python remove the file of the socket when it closes.
        server = await asyncio.get_running_loop().create_server(self._connection, sock=listening)
        await stopping.wait()
        server.close()
        for _ in range(2):  # what the sockets hold is read in between
            await asyncio.sleep(0)
            self._answer_all()
        doors = [*self._doors]
        for door in doors:
            door.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL):
                await asyncio.gather(*(door.ended() for door in doors))

    def _connection(self) -> FrameLine:
        return FrameLine(self._take, self._lose, self._greet)

    def _greet(self, door: FrameLine) -> None:
        self._doors[door] = _NOTHING
        _send(door, Ready())

    def _lose(self, door: FrameLine) -> None:
        self._doors.pop(door, None)
        for number, under_way in [*self._rounds.items()]:
            self._handed_over(number, under_way, door)

    def _take(self, door: FrameLine, payload: bytes) -> None:
        try:
            message = FROM_DOOR.decode(payload)
        except msgspec.MsgspecError:
            log.exception("a message of a door cannot be read, and its connection is closed")
            door.close()
            return
        match message:
            case Record() | Remember():
                self._ask(door, message)
            case WhereIsTheEnd(call):
                self._begin_round(door, call)
            case HandedOver(number):
                if number in self._rounds:
                    self._handed_over(number, self._rounds[number], door)
            case Listen():
                self._doors[door] = message
                if self._has_listeners():
                    self._heard.set()

    def _ask(self, door: FrameLine, message: Ask) -> None:
        if not self._asked:
            # Not at once: what else is in the sockets belongs to the group.
            asyncio.get_running_loop().call_soon(self._answer_next)
        self._asked.append((door, message))

    def _begin_round(self, asker: FrameLine, call: int) -> None:
        self._last_round += 1
        self._rounds[self._last_round] = _Round(asker, call, {*self._doors})
        for door in self._doors:
            _send(door, HandOver(self._last_round))

    def _handed_over(self, number: int, under_way: _Round, door: FrameLine) -> None:
        under_way.waiting.discard(door)
        if not under_way.waiting:
            del self._rounds[number]
            self._ask(under_way.asker, WhereIsTheEnd(under_way.call))  # behind all that was handed over

    def _answer_all(self) -> None:
        while self._asked:
            self._answer_next()

    def _answer_next(self) -> None:
        if not self._asked:
            return
        try:
            if group := self._next_group():
                self._record(group)
            else:
                self._answer(*self._asked.popleft())
        finally:  # a fault must not hold up the others
            if self._asked:
                asyncio.get_running_loop().call_soon(self._answer_next)

    def _next_group(self) -> list[tuple[FrameLine, Record]]:
        group: list[tuple[FrameLine, Record]] = []
        size = 0
        while self._asked:
            door, message = self._asked[0]
            if not isinstance(message, Record) or (group and size + len(message.submissions) > MAX_GROUP):
                break
            self._asked.popleft()
            group.append((door, message))
            size += len(message.submissions)
        return group

    def _answer(self, door: FrameLine, message: Ask) -> None:
        answer: FromWriter
        try:
            if isinstance(message, Remember):
                there = self._journal.receipts(message.keys, self._clock()) if message.keys else {}
                answer = Remembered(message.call, [key in there for key in message.keys])
            else:
                answer = EndOfJournal(message.call, self._journal.end())
        except JournalUnavailable as error:
            self._outage.failed("the journal cannot be read", error)
            answer = NotRead(message.call)
        _send(door, answer)

    def _record(self, group: list[tuple[FrameLine, Record]]) -> None:
        while group:
            try:
                self._record_all(group)
            except _Changed as changed:  # the writer does not keep it: a database that was restored may go back
                for door, message in group:
                    if message.seen < changed.revision:
                        _send(door, ToCheckAgain(message.call, changed.revision))
                group = [one for one in group if one[1].seen >= changed.revision]
            else:
                return

    def _record_all(self, group: list[tuple[FrameLine, Record]]) -> None:
        submissions = [one for _, message in group for one in message.submissions]
        written = self._write(submissions, min(message.seen for _, message in group))
        if not isinstance(written, list):
            for door, message in group:
                _send(door, written(message.call))
            return
        start = 0
        for door, message in group:
            end = start + len(message.submissions)
            _send(door, AllRecorded(message.call, [one.resolution for one in written[start:end]]))
            start = end
        if self._has_listeners():
            self._tell(submissions, written)

    def _write(self, submissions: Sequence[Submission], seen: int) -> list[Written] | type[NotRecorded | MaybeRecorded]:
        """What became of them; where the stores failed, what is said of it."""
        started = time.perf_counter()
        try:
            written = self._journal.together(lambda: self._write_group(submissions, seen))
        except _Changed:
            raise
        except JournalUnsure as error:
            self._outage.failed("whether pageviews were stored is not known", error)
            return MaybeRecorded
        except Exception as error:
            self._outage.failed("pageviews cannot be stored durably and are refused", error)
            return NotRecorded
        self._outage.worked()
        metrics.group_size.observe(len(submissions))
        metrics.group_seconds.observe(time.perf_counter() - started)
        return written

    def _write_group(self, submissions: Sequence[Submission], seen: int) -> list[Written]:
        if self._revision is not None and (revision := self._revision()) > seen:
            raise _Changed(revision)
        return write(submissions, self._resolver, self._journal, self._clock())

    def _has_listeners(self) -> bool:
        return any(listened.apps or listened.pixels for listened in self._doors.values())

    def _tell(self, submissions: Sequence[Submission], written: Sequence[Written]) -> None:
        """Tell doors what their subscribers want. Pageviews from browsers are resolved first, and never for nobody."""
        for door, listened in self._doors.items():
            wanted = [
                one
                for submission, one in zip(submissions, written, strict=True)
                if submission.live
                and one.line
                and (submission.pixel in listened.pixels or submission.question.app in listened.apps)
            ]
            if wanted:
                _send(door, Told([*self._with_users(wanted)]))

    def _tell_of_others(self, lines: Sequence[bytes]) -> None:
        """Tell doors what their subscribers want of entries that other nodes have appended."""
        heads = [head for line in lines if (head := head_of(line))]
        users = self._users([head.user_id for head in heads if head.user_id])
        for door, listened in self._doors.items():
            wanted = [
                Written(Resolution(users.get(head.user_id), via=head.user_id, known_by=head.known_by), head.line)
                for head in heads
                if head.pixel_id in listened.pixels or head.app in listened.apps
            ]
            if wanted:
                _send(door, Told([*self._with_users(wanted)]))

    def _with_users(self, written: Sequence[Written]) -> Iterator[tuple[bytes, Resolution]]:
        late = [one for one in written if one.resolution.known_by]
        if not late:
            yield from ((one.line, one.resolution) for one in written)
            return
        entries = [_ENTRY.decode(one.line) for one in late]
        found = iter(zip(entries, self._find([late_question(entry) for entry in entries]), strict=True))
        for one in written:
            if one.resolution.known_by:
                entry, resolution = next(found)
                put_resolution(entry, resolution)
                yield _ENTRIES.encode(entry), resolution
            else:
                yield one.line, one.resolution

    def _users(self, ids: Sequence[int]) -> dict[int, User]:
        try:
            return self._resolver.users(ids) if ids else {}
        except DBAPIError:
            return {}  # as below

    def _find(self, questions: Sequence[LateQuestion]) -> list[Resolution]:
        try:
            return self._resolver.find(questions, self._clock())
        except DBAPIError:
            return [NOT_KNOWN] * len(questions)  # subscribers get these pageviews without their users


_ENTRY = msgspec.json.Decoder(Entry)
_ENTRIES = msgspec.json.Encoder()


def _send(door: FrameLine, message: FromWriter) -> None:
    door.send(ENCODER.encode(message))
