"""Connections without a request are closed after a while, by one timer for all requests of a connection.

uvicorn cancels a timer with each request and sets another with each answer: 1.5 microseconds of a pageview.
"""

from heropixel.wire.one_write import OneWriteProtocol


class IdleHttp(OneWriteProtocol):
    """HTTP/1.1 that closes idle connections."""

    _idle_since: float | None = None  # in the time of the event loop; None: a request has begun to come

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.BaseProtocol.connection_lost`."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def on_response_complete(self) -> None:
        """Begin the next request, or wait for it: as uvicorn does but for the timer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_since = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._look_in(self.timeout_keep_alive)

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._close_if_idle)

    def _close_if_idle(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is not None:  # else the answer to the request begins anew
            seconds = self._idle_since + self.timeout_keep_alive - self.loop.time()
            if seconds > 0:
                self._look_in(seconds)
            else:
                self.timeout_keep_alive_handler()
