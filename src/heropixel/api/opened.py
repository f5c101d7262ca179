"""Leads to the explorer who opens `/graphql` in a browser. Programs that `GET` do not come here."""

import re
from functools import lru_cache

from heropixel.wire.asgi import Receive, Scope, Send
from heropixel.wire.security import NO_PAGE

_OF_PROGRAMS = {"application/graphql-response+json", "application/json", "application/*", "text/event-stream"}

# RFC 3986, 3.5: what may stand in a fragment. Nothing else gets into a header.
_FRAGMENT = re.compile(rb"[\w.~!$&'()*+,;=:@/?%-]+", re.ASCII)


def is_opened(scope: Scope) -> bool:
    """Whether somebody opens the address in a browser."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] in ("GET", "HEAD") and wants_page(accept)


@lru_cache(maxsize=256)
def wants_page(accept: bytes) -> bool:
    """Whether HTML is accepted by name, and nothing that programs read is."""
    names = {part.partition(";")[0].strip() for part in accept.decode("latin-1").lower().split(",")}
    return "text/html" in names and not names & _OF_PROGRAMS


async def to_explorer(scope: Scope, _receive: Receive, send: Send) -> None:
    """Redirect to the explorer, which reads the parameters of the request from the fragment of its address.

    The address is relative, so that it holds below the path of a proxy, too.
    """
    given = scope["query_string"]
    headers = [
        (b"location", b"explore#" + given if _FRAGMENT.fullmatch(given) else b"explore"),
        (b"vary", b"accept"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"0"),
        *NO_PAGE,
    ]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body"})
