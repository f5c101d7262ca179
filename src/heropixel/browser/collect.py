"""`POST /collect` and `GET /pixel.gif`: a beacon over HTTP. The answer is the same for every visitor."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from heropixel import metrics
from heropixel.browser.beacon import Beacon, BeaconEvent, beacon_in_body, beacon_in_query
from heropixel.browser.cross_origin import AnswerHeaders, allowing, preflight
from heropixel.browser.drops import BeaconTooLarge, Drop, MalformedBeacon, MethodNotAllowed, TooManyBeacons
from heropixel.browser.intake import Intake
from heropixel.browser.sender import Senders
from heropixel.errors import InternalError, Refusal
from heropixel.unexpected import unexpected
from heropixel.wire.asgi import Receive, Scope, Send, headers_of, in_a_task
from heropixel.wire.bodies import BodyBroken, BodyTooLarge, discard, read_body
from heropixel.wire.security import NO_PAGE


class Collect:
    """An ASGI application for two paths. It is bare ASGI, since every pageview of a browser passes through it."""

    def __init__(self, intake: Intake, senders: Senders, max_beacon: int) -> None:
        self._intake = intake
        self._senders = senders
        self._max_beacon = max_beacon

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = headers_of(scope)
        form = _PICTURE if scope["path"] == PICTURE else _COLLECT
        origin = headers.get(b"origin")
        method = scope["method"]
        if method == "OPTIONS" and form is _COLLECT:
            await _send(send, 204, preflight(origin), b"")
            return
        try:
            form.check(method)
            if method == "HEAD":  # it requests only the headers of the image, so it is no pageview
                await _send(send, form.status, [*form.headers, *allowing(origin)], b"")
                return
            address = self._senders.address_of(scope, headers)
            self._intake.admit(address)
            beacon = await self._beacon(scope, headers, receive)
            if beacon.event is not BeaconEvent.PAGEVIEW:
                await in_a_task()
            cookie = await self._intake.take(beacon, self._senders.sender_of(scope, headers, address))
            answered = _answered(scope["path"], origin)
            if cookie is not None:
                answered = (*answered, (b"set-cookie", cookie))
            await _send(send, form.status, answered, form.body)
        except (Drop, Refusal) as refused:
            metrics.beacons_dropped.labels(refused.reason).inc()
            await _refuse(refused, form, allowing(origin), receive, send)
        except Exception:
            await _refuse(unexpected("a beacon failed"), form, allowing(origin), receive, send)

    async def _beacon(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Beacon:
        if scope["path"] == PICTURE:
            return beacon_in_query(scope["query_string"])
        try:
            return beacon_in_body(await read_body(headers, receive, self._max_beacon))
        except BodyTooLarge as error:
            raise BeaconTooLarge(limit=self._max_beacon, unread=error.unread) from None
        except BodyBroken:
            raise MalformedBeacon(why="it is incomplete") from None


COLLECT, PICTURE = "/collect", "/pixel.gif"


class _Form(NamedTuple):
    """The methods and the answer of one of the two endpoints."""

    methods: tuple[str, ...]
    status: int
    body: bytes
    headers: AnswerHeaders

    def check(self, method: str) -> None:
        """Raise MethodNotAllowed for any other method."""
        if method not in self.methods:
            raise MethodNotAllowed(allowed=", ".join(self.methods))


# The smallest GIF with a transparent pixel (GIF89a): a header, two colours of which one is transparent, one pixel.
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

_NOT_KEPT = (b"cache-control", b"no-store")
_COLLECT = _Form(("POST",), 204, b"", [_NOT_KEPT])  # without a body it is no page
_PICTURE = _Form(
    ("GET", "HEAD"),
    200,
    _GIF,
    [
        _NOT_KEPT,
        *NO_PAGE,
        (b"content-type", b"image/gif"),
        (b"content-length", b"%d" % len(_GIF)),
        (b"cross-origin-resource-policy", b"cross-origin"),
    ],
)


def _answered(path: str, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
    """The headers of the usual answer to a page of this origin."""
    make = _made if origin is None or len(origin) <= _LONGEST_KEPT else _made.__wrapped__
    return make(path, origin)


@lru_cache(1_000)
def _made(path: str, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
    return (*(_PICTURE if path == PICTURE else _COLLECT).headers, *allowing(origin))


_LONGEST_KEPT = 300  # bytes of an origin: a host name has 253 at most


async def _refuse(refused: Drop | Refusal, form: _Form, allowed: AnswerHeaders, receive: Receive, send: Send) -> None:
    """Answer with the reason: in JSON for `/collect`, in a header for an image."""
    extra = [*allowed, *_more(refused)]
    if form is _PICTURE:
        headers = [*form.headers, *extra, (b"heropixel-reason", refused.reason.encode())]
        await _send(send, _status(refused), headers, form.body)
        return
    body = msgspec.json.encode({"message": refused.message, "reason": refused.reason})
    kind = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *NO_PAGE]
    headers = [*kind, *form.headers, *extra]
    if refused.details.get("unread"):
        await _send(send, _status(refused), [*headers, (b"connection", b"close")], body, more=True)
        await discard(receive)
        await send({"type": "http.response.body"})
    else:
        await _send(send, _status(refused), headers, body)


def _status(refused: Drop | Refusal) -> int:
    if isinstance(refused, Drop):
        return refused.status
    if isinstance(refused, InternalError):
        return 500
    return 503 if refused.code == 500 else refused.code  # the fault is the server's and temporary: the client may retry


def _more(refused: Drop | Refusal) -> AnswerHeaders:
    if isinstance(refused, MethodNotAllowed):
        return [(b"allow", str(refused.details["allowed"]).encode())]
    if isinstance(refused, TooManyBeacons):
        return [(b"retry-after", str(refused.details["seconds"]).encode())]
    return [(b"retry-after", b"5")] if _status(refused) == 503 else []


async def _send(
    send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, *, more: bool = False
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})
