"""Invented visitors come to the sample site while its server runs. It sends them to the API, as any site does."""

import contextlib
import heapq
import time
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random
from typing import Any, Final

import httpx
import msgspec

from heropixel.directory.apps import NewApp
from heropixel.recording.pageview import PageviewEvent
from heropixel.sample.agents import DESKTOPS, HANDHELDS
from heropixel.sample.arrivals import AT_WORK, CYCLE, newcomers_on
from heropixel.sample.people import SamplePerson, SignUps, traits_at_sign_up
from heropixel.sample.towns import TOWNS, town_of
from heropixel.sample.visits import Visitor, visit, visitor_id_of

_REFUSED: Final = 400
BUSY: Final = 600.0  # seconds: so long a stranger looks on
_PAUSE, _LATER = 6.0, 120.0  # seconds between visits: while it is busy, and then, so that the day stays believable

DOCUMENT = """
mutation Visit($auth: AuthInput!, $event: PageviewEventInput!, $user: UserInput!, $isNew: Boolean!) {
  pageview(auth: $auth, event: $event) { code }
  identify(auth: $auth, user: $user) @include(if: $isNew) { code }
}
"""


def visit_from_now_on(url: str, app: NewApp, customers: Sequence[SamplePerson]) -> int:
    """Send visits to a server until it stops or refuses them. Returns the exit code of the process that does it."""
    auth = {"appId": app.app_id, "appSecret": app.secret}
    with contextlib.suppress(httpx.TransportError), httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        for event in _as_they_come(time.time_ns(), customers):
            variables = {"auth": auth, **variables_of(event)}
            answer = http.post("/graphql", json={"query": DOCUMENT, "variables": variables})
            if answer.is_success and answer.json()["data"]["pageview"]["code"] == _REFUSED:
                break  # its pixel was deleted, or its secret revoked
    return 0


def _as_they_come(seed: int, customers: Sequence[SamplePerson]) -> Iterator[PageviewEvent]:
    """The pageviews of visits, each when its time has come."""
    began = time.monotonic()
    for at, event in timed(seed, customers):
        time.sleep(max(0.0, began + at - time.monotonic()))
        yield event


def timed(seed: int, customers: Sequence[SamplePerson]) -> Iterator[tuple[float, PageviewEvent]]:
    """The pageviews of visits without end, each with its seconds since the beginning, in this order."""
    rng, sign_ups = Random(seed), SignUps(seed)  # noqa: S311 - a sample, no secret
    waiting: list[tuple[float, int, PageviewEvent]] = []
    places, begin = count(), 0.0
    newcomers = newcomers_on(CYCLE - 1)
    for number in count(1):
        visitor = _visitor(rng, number, customers)
        arrival = (AT_WORK if visitor.is_at_work else newcomers).of(rng)
        for event in visit(rng, visitor, arrival, begin * 1000, sign_ups, visitor_id_of(seed, visitor, 0)):
            at = int(event.timestamp or 0) / 1000
            # Without a time: it happens when it is sent.
            heapq.heappush(waiting, (at, next(places), msgspec.structs.replace(event, timestamp=None)))
        begin += rng.expovariate(1 / (_PAUSE if begin < BUSY else _LATER))
        while waiting and waiting[0][0] <= begin:
            at, _, event = heapq.heappop(waiting)
            yield at, event


def _visitor(rng: Random, number: int, customers: Sequence[SamplePerson]) -> Visitor:
    """A newcomer, or a customer in a browser of their own."""
    machine = (HANDHELDS if rng.random() < _HANDHELD else DESKTOPS).of(rng)
    if not customers or rng.random() > _CUSTOMERS:
        return Visitor(number, TOWNS.of(rng), machine, consents=rng.random() < _CONSENT)
    place = rng.randrange(len(customers))
    town = town_of(customers[place].city) or TOWNS.of(rng)
    return Visitor(-place, town, machine, True, customers[place], is_at_work=True)


_HANDHELD, _CUSTOMERS, _CONSENT = 0.4, 0.35, 0.74  # shares of visits, the last one of newcomers


def variables_of(event: PageviewEvent) -> dict[str, Any]:
    """The variables of the document: the pageview, and what the form of a sign-up says of a person."""
    user: dict[str, Any] = {}
    if event.email:
        person = SamplePerson(event.email, city=event.city or "")
        user = {"email": person.email, "traits": traits_at_sign_up(person)}
    return {"event": msgspec.to_builtins(event), "user": user, "isNew": bool(user)}
