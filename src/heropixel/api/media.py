"""The media types of requests and responses (RFC 9110, 12.5.1), and the refusal of others."""

from collections.abc import Iterable
from enum import Enum
from functools import lru_cache


class Media(Enum):
    """The media types of a response."""

    GRAPHQL = b"application/graphql-response+json; charset=utf-8"
    JSON = b"application/json; charset=utf-8"
    EVENTS = b"text/event-stream; charset=utf-8"


class HttpRefused(Exception):  # noqa: N818 - named as what happens
    """The request does not get as far as GraphQL."""

    def __init__(
        self, status: int, message: str, headers: Iterable[tuple[bytes, bytes]] = (), *, unread: bool = False
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.unread = unread  # part of the body has not been read yet


@lru_cache(maxsize=256)
def negotiate(accept: bytes) -> Media:
    """The media type to answer with (RFC 9110, 12.5.1). Without `Accept`, and for `*/*`, plain JSON.

    Server-sent events are for subscriptions. If nothing else is accepted, every answer is an event.

    Raises:
        HttpRefused: 406, the client accepts none of these.
    """
    qualities = dict.fromkeys(Media, 0.0)
    order = {}
    for place, part in enumerate((accept.strip() or b"*/*").decode("latin-1").lower().split(",")):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        for media in _NAMES.get(name, ()):
            if not _charset_is_utf8(parameters):
                continue
            quality = _quality(parameters)
            if media not in order or "*" not in name:  # an exact name outweighs a wildcard
                qualities[media] = quality
                order[media] = place
    best = max(order, key=lambda media: (qualities[media], -order[media]), default=None)
    if best is not None and qualities[best]:
        return best
    if takes_events(accept):
        return Media.EVENTS
    raise HttpRefused(406, "Accept must allow application/graphql-response+json or application/json.")


@lru_cache(maxsize=256)
def takes_events(accept: bytes) -> bool:
    """Whether server-sent events are accepted. Clients name them beside JSON in every request."""
    for part in accept.decode("latin-1").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if name == "text/event-stream" and _charset_is_utf8(parameters) and _quality(parameters):
            return True
    return False


def json_instead(media: Media) -> Media:
    """The media type of an error: JSON where the answer would be events."""
    return Media.JSON if media is Media.EVENTS else media


_NAMES: dict[str, tuple[Media, ...]] = {
    "application/graphql-response+json": (Media.GRAPHQL,),
    "application/json": (Media.JSON,),
    "application/*": (Media.JSON, Media.GRAPHQL),
    "*/*": (Media.JSON, Media.GRAPHQL),
}


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _charset_is_utf8(parameters: Iterable[str]) -> bool:
    given = (parameter.partition("=") for parameter in parameters)
    return all(name.strip() != "charset" or value.strip(' "') in ("utf-8", "utf8") for name, _, value in given)


@lru_cache(maxsize=256)
def check_content_type(value: bytes) -> None:
    """Accept only JSON: a browser sends some other types from any page without a CORS preflight.

    Raises:
        HttpRefused: 415.
    """
    name, *parameters = (piece.strip() for piece in value.decode("latin-1").lower().split(";"))
    if name != "application/json" or not _charset_is_utf8(parameters):
        raise HttpRefused(415, "Content-Type must be application/json, in UTF-8.", ((b"accept", b"application/json"),))
