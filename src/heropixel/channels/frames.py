"""FrameLine over a stream: the length of a message in four bytes, then the message."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import chain
from typing import cast

_LENGTH = 4
MOST = 256 * 1024 * 1024  # bytes of a frame; a longer one is no frame of ours


class FrameLine(asyncio.Protocol):
    """One end of a connection. Lives on one event loop.

    Whoever sends more than the other end reads fills memory: senders bound what is waiting by counting answers.
    """

    def __init__(
        self,
        take: Callable[["FrameLine", bytes], None],
        lost: Callable[["FrameLine"], None] = lambda _: None,
        made: Callable[["FrameLine"], None] = lambda _: None,
    ) -> None:
        """`made` is called first, `take` gets each message in order, and `lost` is called when the connection ends."""
        self._take = take
        self._lost = lost
        self._made = made
        self._rest = bytearray()
        self._transport: asyncio.Transport | None = None
        self._ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        self._made(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        rest = self._rest
        rest += data
        start, there = 0, len(rest)
        while there - start >= _LENGTH:
            length = int.from_bytes(rest[start : start + _LENGTH], "little")
            if length > MOST:
                self.close()
                return
            end = start + _LENGTH + length
            if end > there:
                break
            self._take(self, bytes(rest[start + _LENGTH : end]))
            start = end
        del rest[:start]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol names it
        """See `asyncio.Protocol`."""
        self._transport = None
        self._ended.set()
        self._lost(self)

    @property
    def is_open(self) -> bool:
        """Whether a message could be sent."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, message: bytes) -> None:
        """Send a message, if the connection is still there: `lost` says where it is not."""
        if self._transport is not None:
            self._transport.writelines((len(message).to_bytes(_LENGTH, "little"), message))

    def send_all(self, messages: Iterable[bytes]) -> None:
        """Send messages in one write, so that the other end takes them together if they are short; as `send`."""
        if self._transport is not None:
            parts = ((len(message).to_bytes(_LENGTH, "little"), message) for message in messages)
            self._transport.write(b"".join(chain.from_iterable(parts)))

    def close(self) -> None:
        """Send what is waiting, and end the connection."""
        if self._transport is not None:
            self._transport.close()

    async def ended(self) -> None:
        """Wait until the connection has ended."""
        await self._ended.wait()
