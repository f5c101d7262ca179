"""`/graphql`: HTTP in, HTTP out, by the GraphQL over HTTP specification (edition of September 2026).

https://graphql.github.io/graphql-over-http/
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from heropixel.api.compressing import GZIP, SHORTEST, Shorten, compressed
from heropixel.api.context import Context, Contexts
from heropixel.api.event_stream import COMPLETE, EventStream, event_of
from heropixel.api.live import Subscription
from heropixel.api.media import HttpRefused, Media, check_content_type, json_instead, negotiate, takes_events
from heropixel.api.open_connections import OpenConnections
from heropixel.api.operations import Operations, RequestOutcome, Response
from heropixel.errors import TooManyListeners
from heropixel.strict_json import JsonRefused, decode
from heropixel.unexpected import unexpected
from heropixel.wire.asgi import Receive, Scope, Send, headers_of
from heropixel.wire.bodies import BodyBroken, BodyTooLarge, discard, read_body
from heropixel.wire.security import NO_PAGE


class Request(NamedTuple):
    """A well-formed GraphQL over HTTP request."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None


def status_of(outcome: RequestOutcome, body: Mapping[str, Any], media: Media) -> int:
    """The status of a GraphQL response.

    Section 5.4 of the specification. With `application/json` a client cannot tell whether the server or a proxy sent a
    4xx. So every GraphQL response is 200 there, as in the drafts before this edition.
    """
    if outcome is RequestOutcome.NOT_A_QUERY:
        return 405
    if media is not Media.GRAPHQL:
        return 200
    if outcome is RequestOutcome.EXECUTED:
        return 294 if "errors" in body else 200
    return 400 if outcome is RequestOutcome.NOT_PARSED else 422


class GraphQLEndpoint:
    """An ASGI application for one path. It is bare ASGI, since every pageview passes through it."""

    def __init__(
        self,
        operations: Operations,
        contexts: Contexts,
        max_body: int,
        connections: OpenConnections,
        max_unread: int,
        *,
        get_for_all: bool = True,
    ) -> None:
        self._operations = operations
        self._contexts = contexts
        self._max_body = max_body
        self._connections = connections
        self._max_unread = max_unread
        self._get_for_all = get_for_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        media = Media.JSON
        extra: Iterable[tuple[bytes, bytes]] = ()
        unread = False
        shorten: Shorten | None = None
        try:
            headers = headers_of(scope)
            accept = _accepted(scope["headers"], headers)
            media = negotiate(accept)
            request = await self._request(scope, headers, receive)
            context = self._contexts.of(scope, headers)
            response = await self._answer(scope, context, request)
            if (
                response.outcome is RequestOutcome.SUBSCRIPTION
                and scope["method"] != "HEAD"
                and request
                and takes_events(accept)
            ):
                media = Media.EVENTS
                subscribed = await self._operations.subscribe(*request, context)
                if isinstance(subscribed, Subscription):
                    await self._stream(subscribed, scope, receive, send)
                    return
                response = subscribed
            status, body = status_of(response.outcome, response.body, media), response.body
            shorten = response.roots and partial(compressed, roots=response.roots, headers=headers, reply=context.reply)
            if context.reply.cookie:
                extra = ((b"set-cookie", context.reply.cookie),)
            if status == 405:
                media, extra = json_instead(media), ((b"allow", b"POST"),)
        except HttpRefused as refused:
            status, body, extra = refused.status, {"errors": [{"message": str(refused)}]}, refused.headers
            unread = refused.unread
            media = json_instead(media)
            if status == 422 and media is Media.JSON:
                status = 400  # JSON has one status for every malformed request
        except Exception:
            status, body = 500, {"errors": [{"message": unexpected("a request failed").message}]}
            media = json_instead(media)
        if unread:
            # The answer is sent at once; the connection is closed later, see `discard`.
            await _send(send, status, media, body, (*extra, *NO_PAGE), more=True)
            await discard(receive)
            await send({"type": "http.response.body"})
        elif status == 200 and scope["method"] == "POST":
            # No link and no form leads here, so it is no page. Each header would cost every pageview.
            await _send(send, status, media, body, extra, shorten=shorten)
        else:
            await _send(
                send, status, media, body, (*extra, *NO_PAGE), shorten=shorten, with_body=scope["method"] != "HEAD"
            )

    async def _request(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Request | None:
        method = scope["method"]
        if method == "POST":
            check_content_type(headers.get(b"content-type", b""))
            return well_formed(_decoded(await self._read(headers, receive)))
        if method in ("GET", "HEAD"):
            return well_formed(_from_url(scope["query_string"], min(self._max_body, _MAX_URL)))
        raise HttpRefused(405, "Send GraphQL by POST, or queries by GET.", ((b"allow", b"GET, HEAD, POST"),))

    async def _answer(self, scope: Scope, context: Context, request: Request | None) -> Response:
        if request is None:
            return PERSISTED_QUERY_NOT_SUPPORTED
        by_post = scope["method"] == "POST"
        if not (by_post or self._get_for_all or context.is_known(request.query, request.variables)):
            raise HttpRefused(403, "Queries by GET need credentials here: send them by HTTP Basic, or use POST.")
        return await self._operations.run(*request, context, only_queries=not by_post)

    async def _stream(self, subscribed: Subscription, scope: Scope, receive: Receive, send: Send) -> None:
        stream = EventStream(scope, receive, send, self._max_unread)
        try:
            with self._connections.admitted(stream):
                await stream.run(subscribed)
        except TooManyListeners as refusal:
            raise HttpRefused(503, refusal.message, ((b"retry-after", b"5"),)) from None

    async def _read(self, headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
        """The whole body, decompressed. Never more than the limit is in memory."""
        encoding = headers.get(b"content-encoding", b"identity").strip().lower()
        if encoding not in (b"identity", b"gzip", b"x-gzip"):
            raise HttpRefused(415, "Content-Encoding must be gzip or left out.", ((b"accept-encoding", b"gzip"),))
        try:
            body = await read_body(headers, receive, self._max_body)
        except BodyTooLarge as refused:
            raise self._too_large(unread=refused.unread) from None
        except BodyBroken:  # the client has gone and does not read this, but the partial body must not be executed
            raise HttpRefused(400, "The body is incomplete.") from None
        return body if encoding == b"identity" else self._decompressed(body)

    def _decompressed(self, body: bytes) -> bytes:
        inflater = zlib.decompressobj(wbits=31)  # gzip, RFC 1952
        try:
            plain = inflater.decompress(body, self._max_body + 1)
        except zlib.error:
            raise HttpRefused(400, "The body is not gzip, as Content-Encoding says.") from None
        if len(plain) > self._max_body:
            raise self._too_large(unread=False)
        if not inflater.eof or inflater.unused_data:
            raise HttpRefused(400, "The body is not one complete gzip stream.")
        return plain

    def _too_large(self, *, unread: bool) -> HttpRefused:
        return HttpRefused(
            413,
            f"The body is larger than {self._max_body} bytes, which is the limit: send fewer pageviews at once.",
            ((b"connection", b"close"),) if unread else (),
            unread=unread,
        )


PERSISTED_QUERY_NOT_SUPPORTED = Response(
    RequestOutcome.NOT_VALID,
    {"errors": [{"message": "PersistedQueryNotSupported", "extensions": {"code": "PERSISTED_QUERY_NOT_SUPPORTED"}}]},
)


def _accepted(given: Sequence[tuple[bytes, bytes]], headers: Mapping[bytes, bytes]) -> bytes:
    """The media types that the client takes. A list may come as several headers (RFC 9110, 5.3)."""
    if len(given) == len(headers):  # none of them comes twice, nearly always
        return headers.get(b"accept", b"")
    return b",".join(value for name, value in given if name == b"accept")


def _decoded(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return decode(body)
    except JsonRefused as refused:
        raise HttpRefused(400, f"The body is not valid JSON: {refused}.") from None


_MAX_URL = 60_000  # from 65,536 on the HTTP server itself refuses it with 400


def _from_url(query_string: bytes, max_length: int) -> dict[str, Any]:
    """The parameters of a GET, in the form of a POST. An empty parameter counts as missing."""
    if len(query_string) > max_length:
        raise HttpRefused(414, "The URL is too long: send the query by POST.")
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise HttpRefused(400, "The URL is not UTF-8, percent-encoded.") from None
    given: dict[str, Any] = {name: value for name, value in pairs if value}
    for name in ("variables", "extensions"):
        if name in given:
            try:
                given[name] = decode(given[name].encode())
            except JsonRefused as refused:
                raise HttpRefused(400, f"{name} is not valid JSON: {refused}.") from None
    return given


def well_formed(parsed: Any) -> Request | None:  # noqa: ANN401 - any JSON
    """The parameters of a request; None if it only names a persisted query. Unknown parameters are ignored.

    Raises:
        HttpRefused: 422, a parameter is missing or of the wrong type.
    """
    if not isinstance(parsed, dict):
        raise HttpRefused(422, "The body must be a JSON object with a query.")
    query = parsed.get("query")
    variables = parsed.get("variables")
    operation_name = parsed.get("operationName")
    extensions = parsed.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise HttpRefused(422, "extensions must be a JSON object.")
    if query is None and extensions and "persistedQuery" in extensions:
        return None
    if not isinstance(query, str):
        raise HttpRefused(422, "query must be a string that holds a GraphQL document.")
    if variables is not None and not isinstance(variables, dict):
        raise HttpRefused(422, "variables must be a JSON object.")
    if operation_name is not None and not isinstance(operation_name, str):
        raise HttpRefused(422, "operationName must be a string.")
    return Request(query, variables or {}, operation_name)


async def _send(
    send: Send,
    status: int,
    media: Media,
    body: Mapping[str, Any],
    extra: Iterable[tuple[bytes, bytes]],
    *,
    shorten: Shorten | None = None,
    with_body: bool = True,
    more: bool = False,
) -> None:
    encoded = event_of(body) + COMPLETE if media is Media.EVENTS else msgspec.json.encode(body)
    if shorten and len(encoded) >= SHORTEST and media is not Media.EVENTS and (shorter := shorten(body)):
        encoded, extra = shorter, (*extra, *GZIP)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                _TYPES[media],
                (b"content-length", b"%d" % len(encoded)),
                (b"cache-control", b"no-store"),
                *extra,
            ],
        }
    )
    await send({"type": "http.response.body", "body": encoded if with_body else b"", "more_body": more})


# The value of an enum's member takes a fifth of a microsecond.
_TYPES = {media: (b"content-type", media.value) for media in Media}
