"""WebSockets in small steps: whatever comes at once, a few frames are parsed in one turn of the event loop.

uvicorn parses all frames that have arrived. A quarter of a megabyte of frames of one byte would take half a second.
"""

from itertools import islice

from uvicorn._types import ASGISendEvent, WebSocketEvent
from wsproto.events import BytesMessage, CloseConnection, Event, Ping, Pong, Request, TextMessage

from heropixel.wire.abortable import AbortableWebSocket

AT_ONCE = 16  # frames in one turn of the event loop, a quarter of a millisecond
MAX_FRAMES = 1_000  # of one message: browsers and libraries send one, or one for each 16 kB


class FairWebSocket(AbortableWebSocket):
    """A WebSocket whose next message is parsed when the one before has been taken."""

    _frames = 0
    _scheduled = False

    def handle_events(self) -> None:
        """Handle some of what has arrived. The rest follows when there is time, or when a message has been taken."""
        if self._scheduled or self._is_full():
            return
        events = 0
        for event in islice(self.conn.events(), AT_ONCE):
            events += 1
            self._handle(event)
            if self._is_full():
                break
        if self._is_full() or events == AT_ONCE:
            self._pause()
            if not self._is_full():
                self._go_on_soon()
        elif self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def _go_on_soon(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._scheduled = False
        self.handle_events()

    def _is_full(self) -> bool:
        """Whether a message waits for the application. After our close frame, only the client's is waited for."""
        return not self.close_sent and not self.queue.empty()

    def _pause(self) -> None:
        if not self.read_paused and not self.transport.is_closing():
            self.read_paused = True
            self.transport.pause_reading()

    def _handle(self, event: Event) -> None:
        match event:
            case CloseConnection():
                self.handle_close(event)
            case _ if self.close_sent:
                pass
            case Request():
                self.handle_connect(event)
            case TextMessage() | BytesMessage():
                self._handle_part(event)
            case Ping():
                self.handle_ping(event)
            case Pong():
                self.handle_pong(event)

    def _handle_part(self, event: TextMessage | BytesMessage) -> None:
        self._frames = 0 if event.message_finished else self._frames + event.frame_finished
        if self._frames > MAX_FRAMES:
            reason = f"A message has more than {MAX_FRAMES} frames"
            self.queue.put_nowait({"type": "websocket.disconnect", "code": 1008, "reason": reason})
            self.transport.write(self.conn.send(CloseConnection(code=1008, reason=reason)))
            self.close_sent = True
            self.transport.close()
        else:
            self.handle_message(event)

    async def receive(self) -> WebSocketEvent:
        """The next message. The one after it is parsed in the next turn, so that no socket takes two in one turn."""
        message = await self.queue.get()
        self._go_on_soon()
        return message

    async def send(self, message: ASGISendEvent) -> None:
        """Send a message. After a close frame, go on until the client's arrives."""
        await super().send(message)
        if message["type"] == "websocket.close":
            self.handle_events()
