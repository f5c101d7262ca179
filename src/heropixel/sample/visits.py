"""A visit of the sample site: its pageviews, one after the other, as a site would send them."""

from collections.abc import Iterator
from math import exp
from random import Random
from typing import Final

import msgspec

from heropixel.recording.pageview import PageviewEvent
from heropixel.sample.agents import Machine
from heropixel.sample.arrivals import Arrival
from heropixel.sample.pages import APP_HOST, LEAVE, LOGIN, PAGES, SIGNUP, WELCOME
from heropixel.sample.people import SamplePerson, SignUps
from heropixel.sample.towns import Town
from heropixel.values import DAILY

_LONGEST = 30  # pages of one visit
_PAID = 0.25  # of those who sign up, who pay at once
_CHECKOUT = "https://checkout.stripe.com/"
_STAYING_OPEN = 0.02  # of the pages: they are left open for an hour, and the visit after that has no beginning outside

PIXEL: Final = 1


class Visitor(msgspec.Struct):
    """Somebody with a browser, from the first visit on."""

    number: int
    town: Town
    machine: Machine
    consents: bool
    person: SamplePerson | None = None
    is_at_work: bool = False  # a customer, or somebody who has signed up: most of their visits are for the app


def visit(
    rng: Random, visitor: Visitor, arrival: Arrival, begin: float, sign_ups: SignUps, visitor_id: str
) -> Iterator[PageviewEvent]:
    """The pageviews of a visit. A visitor who signs up is a person from then on. `begin` is in Unix milliseconds."""
    path, at, referrer, query = arrival.landings.of(rng), begin, arrival.referrer, arrival.query
    for _ in range(_LONGEST):
        page = PAGES[path]
        url = f"https://{page.host}{path}"
        if path == WELCOME and visitor.person is None:
            visitor.person, visitor.is_at_work = sign_ups.following(visitor.town), True
        yield PageviewEvent(
            PIXEL,
            page.host,
            timestamp=int(at),
            visitor_id=visitor_id,
            consent=visitor.consents,
            url=f"{url}?{query}" if query else url,
            referrer=referrer,
            title=page.title,
            language=visitor.town.language,
            timezone=visitor.town.timezone,
            country=visitor.town.country,
            region=visitor.town.region,
            city=visitor.town.city,
            user_agent=visitor.machine.user_agent,
            screen=visitor.machine.screen,
            viewport=visitor.machine.viewport,
            **_who(visitor, path),
        )
        following = page.following.of(rng)
        if following == LEAVE or not _may_open(visitor, following):
            return
        at += _reading(rng, page.seconds)
        referrer, query = url, ""
        if (path, following) == (SIGNUP, WELCOME) and rng.random() < _PAID:
            at += rng.uniform(60_000, 240_000)
            referrer = _CHECKOUT
        path = following


def _may_open(visitor: Visitor, path: str) -> bool:
    """Whether a page is for this visitor: one signs up once, and the app asks everybody to log in."""
    if path == WELCOME:
        return visitor.consents and visitor.person is None
    return path == LOGIN or PAGES[path].host != APP_HOST or visitor.person is not None


def _who(visitor: Visitor, path: str) -> dict[str, str]:
    """The identifiers that the site sends with a page: of those who have just signed up, or are logged in."""
    if visitor.person is None or not visitor.consents:
        return {}
    if path == WELCOME:
        return {"email": visitor.person.email}
    if PAGES[path].host != APP_HOST:
        return {}
    if visitor.person.external_id:
        return {"external_id": visitor.person.external_id}
    return {"email": visitor.person.email}


def _reading(rng: Random, seconds: float) -> float:
    """How long a page is read, in milliseconds: most of them for about the usual time, and some very long."""
    if rng.random() < _STAYING_OPEN:
        return rng.uniform(35, 150) * 60_000
    return min(seconds * exp(rng.gauss(0, 0.8)), 1_500) * 1_000 + 2_000


def visitor_id_of(seed: int, visitor: Visitor, day: int) -> str:
    """The id that a browser keeps; without consent the hash of the day."""
    if visitor.consents:
        return f"{Random(f'{seed}/{visitor.number}').getrandbits(96):024x}"  # noqa: S311 - a sample, no secret
    return f"{DAILY}{Random(f'{seed}/{visitor.number}/{day}').getrandbits(128):032x}"  # noqa: S311 - as above
