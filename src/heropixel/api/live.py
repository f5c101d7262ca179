"""The subscription `pageviewRecorded`: from the request to the response for each pageview."""

import functools
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, ParamSpec, TypeVar

import msgspec
from graphql import GraphQLError

from heropixel import metrics
from heropixel.api.callers import Callers, Proof
from heropixel.api.context import Context
from heropixel.api.credentials import Credentials
from heropixel.api.masked_filters import filter_for
from heropixel.api.masking import masked
from heropixel.api.needs import Need
from heropixel.api.why import of_row
from heropixel.columns import Row
from heropixel.concurrency.pace import Pace
from heropixel.errors import NotAllowed, PixelNotFound, Refusal
from heropixel.events.pageviews import EXPORT_COLUMNS, exported
from heropixel.recording.live import Listener, Live, LiveChannel
from heropixel.reports.asked import KNOWN, own_pixels
from heropixel.reports.filters import Filter, FilterInput, matches, parse_filter, value_of
from heropixel.reports.question import Traffic, check_pixels, check_traffic
from heropixel.unexpected import unexpected
from heropixel.values import snake

Body = Callable[[Any], Mapping[str, Any]]  # from the result of `shown` to the GraphQL response

P = ParamSpec("P")
R = TypeVar("R")


def error_of(refusal: Refusal) -> GraphQLError:
    """A refusal as the GraphQL error that a subscription is answered with."""
    metrics.refused.labels(refusal.reason).inc()
    return GraphQLError(refusal.message, extensions={"code": refusal.code, "reason": refusal.reason})


def subscribing(subscribe: Callable[P, R]) -> Callable[P, R]:
    """Let the start of a subscription answer its refusals, and mask unexpected exceptions."""

    @functools.wraps(subscribe)
    def started(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return subscribe(*args, **kwargs)
        except Refusal as refusal:
            raise error_of(refusal) from None
        except Exception:
            raise error_of(unexpected("a subscription could not start")) from None

    return started


class Audience(NamedTuple):
    """A subscriber and the checked arguments of its subscription."""

    callers: Callers
    live: Live
    proof: Proof
    need: Need | None
    masked: bool
    app: int
    pixels: frozenset[int] | None
    filter: Filter
    traffic: frozenset[Traffic]

    def __aiter__(self) -> AsyncIterator[Any]:
        """Only because graphql-core requires an async iterable: pageviews are pushed, and never iterated over."""
        raise NotImplementedError

    def check(self) -> None:
        """Check again whether the subscriber may receive these pageviews.

        Raises:
            InvalidCredentials, NotAllowed, PixelNotFound: it may not any more.
        """
        caller = self.proof.caller(self.callers)
        if self.need:
            self.need.check(caller, {"pixel_ids": self.pixels})
        if caller.masked and not self.masked:
            raise NotAllowed(why="You have hidden addresses: subscribe again")
        for pixel_id in self.pixels or ():
            pixel = self.callers.registry.pixels.get(pixel_id)
            if pixel is None or pixel.app != caller.app.number:
                raise PixelNotFound

    def wants(self, row: Row) -> bool:
        """Whether a pageview matches the subscription."""
        return row.bot in self.traffic and matches(self.filter, lambda dimension: value_of(row, dimension))

    def channel(self, body: Body) -> LiveChannel:
        """The channel that all subscribers with the same request share. `body` makes the response of a pageview."""

        def payload(row: Row) -> str | None:
            if not self.wants(row):
                return None
            response = body(shown(row))
            return msgspec.json.encode(masked(response) if self.masked else response).decode()

        return LiveChannel(self.app, self.pixels, payload, self.check)


class Subscription(NamedTuple):
    """A subscription that was accepted and can be joined."""

    audience: Audience
    body: Body
    asked: Hashable  # equal for subscribers with the same request

    @property
    def pace(self) -> Pace:
        """The pace of all who write pageviews."""
        return self.audience.live.pace

    def join(self, listener: Listener) -> Callable[[], None]:
        """Add a listener. The returned function removes it."""
        key = (self.asked, self.audience.proof, self.audience.masked)
        return self.audience.live.join(key, lambda: self.audience.channel(self.body), listener)


class LivePageviews:
    """Resolves the subscription to pageviews as they are recorded."""

    def __init__(self, live: Live) -> None:
        self._live = live

    @subscribing
    def pageview_recorded(
        self,
        context: Context,
        traffic: list[str],
        auth: Credentials | None = None,
        pixel_ids: list[int] | None = None,
        filter: FilterInput | None = None,  # noqa: A002 - its name in the schema
    ) -> Audience:
        """Subscribe to the pageviews of pixels."""
        proof, callers = context.proof(auth), context.callers
        caller = context.permitted(proof)
        app = caller.app.number
        pixels = caller.pixels
        if pixel_ids is not None:
            pixels = frozenset(check_pixels(pixel_ids, own_pixels(callers.registry.pixels, app)))
        kinds, wanted = frozenset(check_traffic(traffic)), filter_for(caller, parse_filter(filter, KNOWN))
        return Audience(callers, self._live, proof, context.need, caller.masked, app, pixels, wanted, kinds)


_ATTRIBUTES = attrgetter(*(snake(name) for name in EXPORT_COLUMNS))
_TIMESTAMP = [*EXPORT_COLUMNS].index("timestamp")


def shown(row: Row) -> dict[str, Any]:
    """An enriched row as lists show it."""
    values = [*_ATTRIBUTES(row)]
    values[_TIMESTAMP] = int(row.timestamp)
    pageview = exported(values)
    pageview["userId"] = str(row.user_id) if row.user_id else None
    pageview["why"] = of_row(row)
    return pageview
