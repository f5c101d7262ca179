"""The calls that wait for the writer: pageviews of a caller, or a question."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from heropixel.errors import Refusal
from heropixel.identity.resolve import Resolution
from heropixel.recording.talk import EndOfJournal, Remember, Remembered, WhereIsTheEnd
from heropixel.recording.writing import Submission

MOST_TOGETHER: Final = 1024  # pageviews of one message; a call with more is a message of its own
CHECKED_FOR_EVER: Final = 1 << 62  # the revision of what depends on no app and no pixel


class ChangedMeanwhile(Exception):  # noqa: N818 - it is no error: the caller checks its pageviews again
    """Apps or pixels have changed since the pageviews were checked, and none was recorded. The registry is fresh."""


class WaitingCall(msgspec.Struct):
    """The pageviews of one caller, and the future of its answer."""

    submissions: Sequence[Submission]
    answer: "asyncio.Future[list[Resolution]]"
    seen: int
    is_doubtful: bool = False  # a writer had it, and has not said what became of it
    is_settled: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether it may be sent twice: all have an event id of their caller, by which each is recorded once."""
        return all(one.receipt for one in self.submissions)

    def settle(self, said: list[Resolution] | Refusal | ChangedMeanwhile) -> None:
        """Answer it, unless its caller is gone; its pageviews are recorded all the same."""
        if self.answer.done():
            return
        if isinstance(said, Exception):
            self.answer.set_exception(said)
        else:
            self.answer.set_result(said)


class SentCalls(msgspec.Struct):
    """The calls of a message that waits for its answer."""

    calls: list[WaitingCall]
    at: float  # the loop's time when it was sent


class WriterQuestion(msgspec.Struct):
    """A question that is no pageview, and the future of its answer. Asked twice, it is answered alike."""

    message: Remember | WhereIsTheEnd
    answer: "asyncio.Future[Remembered | EndOfJournal]"


def together(calls: Sequence[WaitingCall]) -> Iterator[list[WaitingCall]]:
    """The calls that share a message."""
    some: list[WaitingCall] = []
    size = 0
    for call in calls:
        if some and size + len(call.submissions) > MOST_TOGETHER:
            yield some
            some, size = [], 0
        some.append(call)
        size += len(call.submissions)
    if some:
        yield some
