"""Headers by which browsers trust an answer with nothing: no guess of its type, no script, no frame."""

from collections.abc import Awaitable, Callable
from typing import Any

from heropixel.wire.asgi import Receive, Scope, Send

# On every answer, also those of the HTTP server itself. Each header costs every pageview a hundredth of its time.
EVERYWHERE = [("x-content-type-options", "nosniff")]

# On every answer that a browser could show as a page, and that is none. A page has a policy of its own.
NO_PAGE = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
)

_POLICY = NO_PAGE[0][0]


def no_pages(application: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """An application whose answers are no pages, but for those with a policy of their own."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Any) -> None:  # noqa: ANN401 - ASGI's message
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ())]
                if all(name != _POLICY for name, _ in headers):
                    message = {**message, "headers": [*headers, *NO_PAGE]}
            await send(message)

        await application(scope, receive, sending)

    return answering
