"""Hands pageviews to the writer, and knows when they are on the disk.

All pageviews of one turn of the event loop go in one message. What the writer gets while it writes is its next group.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.exc import DBAPIError

from heropixel.channels.frames import FrameLine
from heropixel.concurrency.joint_count import JointCount
from heropixel.errors import JournalUnavailable, OutcomeUnknown, Overloaded, Refusal, StorageUnavailable
from heropixel.identity.resolve import Resolution
from heropixel.journal import Positions
from heropixel.recording.calls import (
    CHECKED_FOR_EVER,
    ChangedMeanwhile,
    SentCalls,
    WaitingCall,
    WriterQuestion,
    together,
)
from heropixel.recording.live import Live
from heropixel.recording.pageview import Entry, Pageview
from heropixel.recording.talk import (
    ENCODER,
    FROM_WRITER,
    AllRecorded,
    EndOfJournal,
    FromDoor,
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
    WhereIsTheEnd,
)
from heropixel.recording.writing import Submission, receipt_key

STUCK: Final = 5.0  # seconds without an answer: then the writer does not write
PATIENCE: Final = 2.0  # seconds that callers wait for a writer that is away: one that died is there again sooner
_RETRY: Final = 0.05  # seconds
_LOOK_SECONDS: Final = 0.5  # between looks for callers who have waited too long


class Recorder:
    """Records pageviews: they are on the disk before `record` returns. Lives on one event loop.

    A writer that dies is waited for. A call that it has not answered is sent again where each of its pageviews has an
    event id of its caller: so they are recorded once. Callers of others are told that nobody knows.
    """

    def __init__(
        self,
        path: Path,
        max_waiting: int = 10_000,
        live: Live | None = None,
        refresh: Callable[[], Awaitable[object]] | None = None,
        waiting: JointCount | None = None,
        answer_within: float | None = None,
    ) -> None:
        """`path` is the writer's socket. `refresh` takes over what has changed in the directory.

        `waiting` counts the pageviews that wait in all processes; no more than `max_waiting` may.
        `answer_within`: seconds that callers wait for a writer that has their pageviews. A cluster's may wait for the
        standbys of its database as long as they are away. Left out: as long as it takes.
        """
        self._answer_within = answer_within
        self._path = path
        self._max_waiting = max_waiting
        self._live = live
        self._refresh = refresh
        self._calls: list[WaitingCall] = []  # that are not sent
        self._waiting = 0  # pageviews, in this process
        self._waiting_everywhere = waiting or JointCount()
        self._sending = False
        self._refused_at = float("-inf")  # the loop's time when the writer last could not store pageviews
        self._sent: dict[int, SentCalls] = {}  # by the number of the message
        self._questions: dict[int, WriterQuestion] = {}  # by the same
        self._numbers = count(1)
        self._writer: FrameLine | None = None  # once it has said that it is ready
        self._is_away = False
        self._ready = asyncio.Event()
        self._giving_up: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._handing_over: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()
        if live is not None:
            live.on_change = self._listen

    async def keep_connected(self) -> None:
        """Stay connected to the writer, without end."""
        self._wait_for_writer()
        if self._answer_within is not None:
            self._loop.call_later(_LOOK_SECONDS, self._settle_late, self._answer_within)
        while True:
            with contextlib.suppress(OSError):
                await self._connection()
            await asyncio.sleep(_RETRY)

    async def _connection(self) -> None:
        _, writer = await self._loop.create_unix_connection(lambda: FrameLine(self._take), str(self._path))
        try:
            await writer.ended()
        finally:
            writer.close()
            for handing_over in self._handing_over:
                handing_over.cancel()
        self._lose()

    async def record(
        self, pageviews: Sequence[Pageview], *, live: bool = True, seen: int = CHECKED_FOR_EVER
    ) -> list[Resolution]:
        """Record pageviews, all or none, and return their users. With `live` subscribers receive them.

        They were checked with the registry's revision `seen`, which was read before that.

        Raises:
            ChangedMeanwhile: they are to be checked again. None was recorded.
            Overloaded: too many calls are waiting. It is raised at once, so that no queue grows without end.
            StorageUnavailable: they could not be made durable.
            OutcomeUnknown: the writer died while it had them.
        """
        if self._waiting_everywhere.total() + len(pageviews) > self._max_waiting:
            raise Overloaded
        if self._is_away or (self._answer_within is not None and self._is_stuck()):
            raise StorageUnavailable
        call = WaitingCall(
            [Submission.of(pageview, live=live) for pageview in pageviews], self._loop.create_future(), seen
        )
        self._calls.append(call)
        self._count(len(pageviews))
        if not self._sending:
            self._sending = True
            self._idle.clear()
            # Not at once: other calls of this turn of the event loop belong to the message.
            self._loop.call_soon(self._send_calls)
        try:
            return await call.answer
        except ChangedMeanwhile:
            await self._refreshed()
            raise

    async def _refreshed(self) -> None:
        try:
            if self._refresh is not None:
                await self._refresh()
        except DBAPIError as error:
            raise StorageUnavailable from error

    def waiting(self) -> int:
        """How many pageviews wait to be recorded, in all processes."""
        return self._waiting_everywhere.total()

    def why_not(self) -> str:
        """Why no pageview can be recorded now; empty where one can."""
        if self._is_away:
            return "the part of the server that writes pageviews is away"
        if self._is_stuck():
            return f"the part of the server that writes pageviews has not answered for {STUCK:.0f} seconds"
        if self._loop.time() - self._refused_at < STUCK:  # then it is to be tried again
            return "the journal cannot store pageviews"
        return ""

    def _is_stuck(self) -> bool:
        oldest = next(iter(self._sent.values()), None)
        return oldest is not None and self._loop.time() - oldest.at > STUCK

    def _settle_late(self, seconds: float) -> None:
        """Answer callers who have waited this long for the writer. What it says of them later is not heard."""
        self._loop.call_later(_LOOK_SECONDS, self._settle_late, seconds)
        late = self._loop.time() - seconds
        for sent in self._sent.values():
            if sent.at > late:
                break
            for call in sent.calls:
                self._settle(call, OutcomeUnknown())

    async def remembers(self, pageviews: Sequence[Pageview]) -> list[bool]:
        """Whether each event id was recorded in the last 24 hours, so that `record` would not record it again.

        Raises:
            StorageUnavailable: the journal cannot be read.
        """
        keys = [receipt_key(pageview.row.pixel_id, pageview.row.event_id) for pageview in pageviews]
        answer = await self._ask(lambda call: Remember(call, keys))
        return answer.known if isinstance(answer, Remembered) else []

    async def accepted(self) -> Positions:
        """The positions in the journal below which everything is that any door accepted before this call.

        Raises:
            JournalUnavailable: the journal cannot be read.
        """
        try:
            answer = await self._ask(WhereIsTheEnd)
        except StorageUnavailable as error:
            raise JournalUnavailable(str(error)) from error
        return answer.positions if isinstance(answer, EndOfJournal) else {}

    async def drain(self) -> None:
        """Wait until every call is answered."""
        await self._idle.wait()

    async def _ask(self, make: Callable[[int], Remember | WhereIsTheEnd]) -> Remembered | EndOfJournal:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
        except TimeoutError:
            raise StorageUnavailable from None
        self._send_calls()  # what was accepted before goes before
        number = next(self._numbers)
        question = self._questions[number] = WriterQuestion(make(number), self._loop.create_future())
        self._post(question.message)
        return await question.answer

    def _count(self, pageviews: int) -> None:
        self._waiting += pageviews
        self._waiting_everywhere.add(pageviews)

    def _send_calls(self) -> None:
        self._sending = False
        if self._writer is None:
            return
        calls, self._calls = self._calls, []
        for some in together(calls):
            number = next(self._numbers)
            self._sent[number] = SentCalls(some, self._loop.time())
            submissions = [one for call in some for one in call.submissions]
            self._post(Record(number, submissions, min(call.seen for call in some)))

    def _post(self, message: FromDoor) -> None:
        if self._writer is not None:
            self._writer.send(ENCODER.encode(message))

    def _settle(self, call: WaitingCall, said: list[Resolution] | Refusal | ChangedMeanwhile) -> None:
        if call.is_settled:
            return
        call.is_settled = True
        self._count(-len(call.submissions))
        call.settle(said)
        if not self._waiting:
            self._idle.set()

    def _take(self, writer: FrameLine, payload: bytes) -> None:
        message = FROM_WRITER.decode(payload)
        if isinstance(message, AllRecorded | NotRecorded):
            self._answer_calls(message)
        elif isinstance(message, MaybeRecorded):
            self._send_again(self._sent.pop(message.call).calls)
            self._send_calls()
        elif isinstance(message, ToCheckAgain):
            self._let_check_again(message)
        elif isinstance(message, Remembered | EndOfJournal | NotRead):
            self._answer_question(message)
        elif isinstance(message, Ready):
            self._begin(writer)
        elif isinstance(message, HandOver):
            handing_over = self._loop.create_task(self._hand_over(message.round))
            self._handing_over.add(handing_over)
            handing_over.add_done_callback(self._handing_over.discard)
        elif self._live is not None:
            self._live.tell((_ENTRY.decode(line), resolution) for line, resolution in message.pageviews)

    def _answer_calls(self, message: AllRecorded | NotRecorded) -> None:
        self._refused_at = self._loop.time() if isinstance(message, NotRecorded) else float("-inf")
        start = 0
        for call in self._sent.pop(message.call).calls:
            end = start + len(call.submissions)
            if isinstance(message, AllRecorded):
                self._settle(call, message.resolutions[start:end])
            else:
                self._settle(call, OutcomeUnknown() if call.is_doubtful else StorageUnavailable())
            start = end

    def _let_check_again(self, message: ToCheckAgain) -> None:
        """Of several calls in one message, some may have been checked late enough."""
        calls = self._sent.pop(message.call).calls
        self._calls = [call for call in calls if call.seen >= message.revision] + self._calls
        for call in calls:
            if call.seen < message.revision:
                self._settle(call, OutcomeUnknown() if call.is_doubtful else ChangedMeanwhile())
        self._send_calls()

    def _send_again(self, calls: Iterable[WaitingCall]) -> None:
        """Of these calls, let those be sent again that may be; the others are answered: nobody knows."""
        again = []
        for call in calls:
            call.is_doubtful = True
            if call.is_repeatable and not call.is_settled:
                again.append(call)
            else:
                self._settle(call, OutcomeUnknown())
        self._calls = again + self._calls

    def _answer_question(self, message: Remembered | EndOfJournal | NotRead) -> None:
        answer = self._questions.pop(message.call).answer
        if answer.done():  # its caller is gone
            return
        if isinstance(message, NotRead):
            answer.set_exception(StorageUnavailable())
        else:
            answer.set_result(message)

    def _begin(self, writer: FrameLine) -> None:
        self._writer = writer
        self._is_away = False
        self._ready.set()
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None
        self._listen()
        self._send_calls()
        for question in self._questions.values():
            self._post(question.message)

    def _lose(self) -> None:
        """The connection has ended, perhaps before it had begun."""
        self._wait_for_writer()
        if self._writer is None:
            return
        self._writer = None
        self._ready.clear()
        unanswered = [call for sent in self._sent.values() for call in sent.calls]
        self._sent = {}
        self._send_again(unanswered)
        if self._live is not None:
            self._live.interrupt()

    def _wait_for_writer(self) -> None:
        if self._giving_up is None and not self._is_away:
            self._giving_up = self._loop.call_later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        self._giving_up = None
        self._is_away = True
        calls, self._calls = self._calls, []
        for call in calls:
            self._settle(call, OutcomeUnknown() if call.is_doubtful else StorageUnavailable())
        questions, self._questions = self._questions, {}
        for question in questions.values():
            if not question.answer.done():
                question.answer.set_exception(StorageUnavailable())

    async def _hand_over(self, number: int) -> None:
        while self._refresh is not None:
            try:
                await self._refresh()
            except DBAPIError:  # which is logged where apps and pixels are kept fresh
                await asyncio.sleep(_RETRY)
            else:
                break
        self._send_calls()
        self._post(HandedOver(number))

    def _listen(self) -> None:
        if self._live is not None:
            self._post(Listen(*self._live.wanted))


_ENTRY = msgspec.json.Decoder(Entry)
