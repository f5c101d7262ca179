"""Who comes meanwhile is the next group: those who come together share one piece of work, and nobody waits for a timer.

The recorder does the same by callbacks of its own (recording/recorder.py): its groups have a bound and are made of
several pageviews a call, and a task for each would cost every pageview something.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, A]):
    """A question, and where its answer goes."""

    question: Q
    answer: "asyncio.Future[A]"

    def settle(self, told: A | Exception) -> None:
        """Answer it, on the event loop, unless it has been answered or whoever asked has gone."""
        if self.answer.done():
            return
        if isinstance(told, Exception):
            self.answer.set_exception(told)
        else:
            self.answer.set_result(told)


class NextGroup(Generic[Q, A]):
    """Lives on one event loop."""

    def __init__(self, serve: Callable[[Sequence[Call[Q, A]]], Awaitable[None]]) -> None:
        """`serve` settles each call of a group; where it raises, those that it has not settled are told the error."""
        self._serve = serve
        self._waiting: list[Call[Q, A]] = []
        self._serving: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        """How many wait for the next group."""
        return len(self._waiting)

    def ask(self, question: Q) -> "asyncio.Future[A]":
        """Join the next group, which begins at once where none is being served."""
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
                except Exception as error:  # every one of them is told
                    for call in group:
                        call.settle(error)
        finally:
            self._serving = None
