"""A pace for many writers on one event loop: together they send so many messages in one turn of it.

Each writer alone is quick. Thousands of them in one turn would let every request wait for all of them.
"""

import asyncio
from collections import deque

A_TURN = 32  # messages, a millisecond or two


class Pace:
    """Lives on one event loop. Who waits is served in order, one message each."""

    def __init__(self, a_turn: int = A_TURN) -> None:
        self._a_turn = a_turn
        self._left = a_turn
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._scheduled = False

    @property
    def is_behind(self) -> bool:
        """Whether writers wait. Then no more messages should be made for them."""
        return bool(self._waiting)

    async def turn(self) -> None:
        """Wait until one more message may be sent. Usually it may at once."""
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._next_turn)
        if self._left and not self._waiting:
            self._left -= 1
            return
        allowed = asyncio.get_running_loop().create_future()
        self._waiting.append(allowed)
        await allowed

    def _next_turn(self) -> None:
        used = self._left < self._a_turn
        self._left = self._a_turn
        while self._waiting and self._left:
            allowed = self._waiting.popleft()
            if not allowed.done():  # unless its writer was cancelled
                allowed.set_result(None)
                self._left -= 1
        self._scheduled = used or self._left < self._a_turn
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._next_turn)
