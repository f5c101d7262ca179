"""The head and body of a response are sent together, at the latest in the next turn of the loop."""

import asyncio

import pytest

from heropixel.wire.one_write import GatheringTransport


class Wire(asyncio.Transport):
    """The network: what was written to it, write by write, and how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.seen.append(bytes(data))

    def close(self) -> None:
        self.seen.append(b"closed")

    def abort(self) -> None:
        self.seen.append(b"aborted")


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
async def transport(wire: Wire) -> GatheringTransport:
    return GatheringTransport(wire, asyncio.get_running_loop())


async def test_head_and_body_are_one_write(wire: Wire, transport: GatheringTransport) -> None:
    transport.write(b"head ")
    transport.write(b"body")
    assert wire.seen == [b"head body"]


async def test_a_head_that_is_alone_leaves_at_the_next_turn(wire: Wire, transport: GatheringTransport) -> None:
    transport.write(b"head")
    assert wire.seen == []
    await asyncio.sleep(0)
    assert wire.seen == [b"head"]


async def test_many_writes_keep_their_order(wire: Wire, transport: GatheringTransport) -> None:
    for part in (b"1", b"2", b"3", b"4", b"5"):
        transport.write(part)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert wire.seen == [b"12", b"34", b"5"]


async def test_what_is_held_back_is_sent_before_closing(wire: Wire, transport: GatheringTransport) -> None:
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert wire.seen == [b"last words", b"closed"]


async def test_nothing_is_sent_after_an_abort(wire: Wire, transport: GatheringTransport) -> None:
    transport.write(b"too late")
    transport.abort()
    await asyncio.sleep(0)
    assert wire.seen == [b"aborted"]
