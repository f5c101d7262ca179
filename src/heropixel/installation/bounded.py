"""A connection to a stranger's server: the head of its answer has a limit, also where it is never complete.

A server may send `100 Continue` for ever. The HTTP client would read on, and use the processor all the time.
"""

from ssl import SSLContext
from typing import Any

import httpx

MAX_HEAD = 131_072  # bytes; the HTTP client itself takes no header section above 100 kB


class BoundedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport for one request."""

    def __init__(self, tls: SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._bounds = _Backend(self._pool._network_backend)
        self._pool._network_backend = self._bounds  # type: ignore[assignment]  # what httpcore uses of one

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and receive the head of the answer."""
        response = await super().handle_async_request(request)
        self._bounds.left = None
        return response


class _Backend:
    """Opens connections, and counts what they receive."""

    def __init__(self, backend: Any) -> None:  # noqa: ANN401 - httpcore is not ours to import
        self._backend = backend
        self.left: int | None = MAX_HEAD  # None: the head is complete

    async def connect_tcp(self, *args: Any, **more: Any) -> "_Stream":  # noqa: ANN401 - as above
        return _Stream(await self._backend.connect_tcp(*args, **more), self)


class _Stream:
    def __init__(self, stream: Any, bounds: _Backend) -> None:  # noqa: ANN401 - as above
        self._stream = stream
        self._bounds = bounds

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's parameter
        """What has arrived; nothing, as at the end, once the head has become too long."""
        if self._bounds.left is not None and self._bounds.left <= 0:
            return b""
        received: bytes = await self._stream.read(max_bytes, timeout)
        if self._bounds.left is not None:
            self._bounds.left -= len(received)
        return received

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's parameter
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(self, *args: Any, **more: Any) -> "_Stream":  # noqa: ANN401 - as above
        return _Stream(await self._stream.start_tls(*args, **more), self._bounds)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as above
        return self._stream.get_extra_info(info)
