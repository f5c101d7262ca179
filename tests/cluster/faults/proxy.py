"""Proxies of TCP that stand between the parts of a cluster, and stop forwarding, reset or delay as they are told."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.world import free_port

_AT_ONCE = 65_536  # bytes


class Network:
    """All proxies of a cluster, on one thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._proxies: list[Proxy] = []
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def proxy(self, target: Callable[[], int]) -> "Proxy":
        """A proxy for a port of this machine, which may be another at each connection."""
        proxy = Proxy(self.loop, target)
        self._proxies.append(proxy)
        asyncio.run_coroutine_threadsafe(proxy.listen(), self.loop).result(10)
        return proxy

    def close(self) -> None:
        """End all connections."""
        asyncio.run_coroutine_threadsafe(self._end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _end(self) -> None:
        for proxy in self._proxies:
            proxy.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close their sockets in the next round


class Proxy:
    """One way from a node to a server."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: Callable[[], int]) -> None:
        self.port = free_port()
        self.server: asyncio.Server
        self._loop = loop
        self._target = target
        self._flows = asyncio.Event()
        self._flows.set()
        self._is_cut = False
        self._delay = 0.0
        self._open: set[asyncio.StreamWriter] = set()

    async def listen(self) -> None:
        """Take connections."""
        self.server = await asyncio.start_server(self._take, "127.0.0.1", self.port)

    def hold(self) -> None:
        """Forward nothing any more, as a network does that loses everything."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def cut(self) -> None:
        """Reset all connections, and each new one."""
        self._is_cut = True
        self.reset()

    def delay(self, seconds: float) -> None:
        """Forward everything later."""
        self._delay = seconds

    def reset(self) -> None:
        """Reset the connections that there are."""
        self._loop.call_soon_threadsafe(self._abort)

    def heal(self) -> None:
        """Forward again. What was held is forwarded, as what is sent again does arrive."""
        self._is_cut, self._delay = False, 0.0
        self._loop.call_soon_threadsafe(self._flows.set)

    def _abort(self) -> None:
        for writer in [*self._open]:
            _reset(writer)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            _reset(writer)
            return
        self._open.add(writer)
        there = None
        try:
            await self._flows.wait()
            from_there, there = await asyncio.open_connection("127.0.0.1", self._target())
            self._open.add(there)
            await asyncio.gather(self._forward(reader, there), self._forward(from_there, writer))
        except (OSError, asyncio.CancelledError):  # it ends here: nobody waits for what this returns
            _reset(writer)
        finally:
            for end in (writer, there):
                if end is not None:
                    self._open.discard(end)
                    end.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while some := await reader.read(_AT_ONCE):
            await self._flows.wait()
            if self._delay:
                await asyncio.sleep(self._delay)
            writer.write(some)
            await writer.drain()
        await self._flows.wait()
        with suppress(OSError):
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close it so that the other end hears of a reset."""
    its: socket.socket | None = writer.get_extra_info("socket")
    with suppress(OSError):
        if its is not None:
            its.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.transport.abort()
