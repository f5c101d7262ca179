"""Batching without a timer: calls that arrive while a group is served form the next group and share its work.

The recorder does the same with its own callbacks (recording/recorder.py). Its groups are bounded, and one call brings
several pageviews. A task for each group would cost every pageview some time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, A]):
    """A question, and the future of its answer."""

    question: Q
    answer: "asyncio.Future[A]"

    def settle(self, result: A | Exception) -> None:
        """Answer it, on the event loop, unless it is answered already or its caller was cancelled."""
        if self.answer.done():
            return
        if isinstance(result, Exception):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


class NextGroup(Generic[Q, A]):
    """Lives on one event loop."""

    def __init__(self, serve: Callable[[Sequence[Call[Q, A]]], Awaitable[None]]) -> None:
        """`serve` answers each call of a group. If it raises, the calls that it has not answered get the exception."""
        self._serve = serve
        self._waiting: list[Call[Q, A]] = []
        self._serving: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """The number of calls that wait for the next group."""
        return len(self._waiting)

    def ask(self, question: Q) -> "asyncio.Future[A]":
        """Join the next group. It begins at once if no group is being served."""
        call: Call[Q, A] = Call(question, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        if self._serving is None:
            self._serving = asyncio.create_task(self._serve_groups())
        return call.answer

    async def _serve_groups(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                try:
                    await self._serve(group)
                except Exception as error:  # every call of the group gets it
                    for call in group:
                        call.settle(error)
        finally:
            self._serving = None
