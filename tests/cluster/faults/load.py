"""Callers who use three nodes without pause, as the contract tells clients to, and note what they are answered."""

import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any, TypeVar

import httpx

from tests.callers import calling
from tests.cluster.faults.ledger import Answer, Ledger, Outcome, Said
from tests.cluster.faults.stand import Stand
from tests.world import PAGEVIEW

T = TypeVar("T")

_ROAMING = 3  # callers who use all nodes; and each node has one of its own
_PEOPLE = 120  # who come again and again
_PATIENCE = 150.0  # seconds, for an answer that is sure
_PAUSE = 0.02

# Whoever is answered so knows that nothing was recorded.
_SURE = {"STORAGE_UNAVAILABLE", "TOO_BUSY", "NOT_SENT", "HTTP 503"}

_IDENTIFY = (
    "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code reason user { id } } }"
)
_SUPPRESS = (
    "mutation ($auth: AuthInput, $contacts: [ContactInput!]!) "
    "{ suppress(auth: $auth, contacts: $contacts) { code reason } }"
)
_FORGET = (
    "mutation ($auth: AuthInput, $by: UserSelector!) { forget(auth: $auth, by: $by) { code reason erasure { id } } }"
)
_USER = "query ($auth: AuthInput, $by: UserSelector!) { user(auth: $auth, by: $by) { code reason user { id } } }"


class Load:
    """The callers. Those who are under way when it ends go on until they know what became of their pageview."""

    def __init__(self, stand: Stand, seed: int) -> None:
        self._stand = stand
        self._random = random.Random(seed)
        self._numbers = count(1)
        self._pool = ThreadPoolExecutor(2 * _ROAMING)
        self._clients = [
            httpx.Client(base_url=node.url, timeout=httpx.Timeout(25, connect=3), verify=False, trust_env=False)
            for node in stand.nodes
        ]
        self.ledger = Ledger()
        self.unsettled: list[str] = []  # errors of callers

    def close(self) -> None:
        """End the clients."""
        self._pool.shutdown()
        for client in self._clients:
            client.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Call for as long as the context lasts."""
        own = [partial(self._call_one, number, self._random.random()) for number in range(3)]
        roaming = [partial(self._call, self._random.random()) for _ in range(_ROAMING)]
        with calling(*roaming, *own):
            yield
        assert not self.unsettled, self.unsettled[:3]

    def _call(self, seed: float, stop: threading.Event) -> None:
        chance = random.Random(seed)
        what = (self._visit, self._visit_twice, self._merge, self._suppress, self._forget)
        while not stop.is_set():
            (act,) = chance.choices(what, (100, 12, 5, 8, 6))
            try:
                act(chance)
            except Exception as error:  # the run ends with it
                self.unsettled.append(f"{act.__name__}: {error!r}")
                return
            time.sleep(_PAUSE)

    def _call_one(self, number: int, seed: float, stop: threading.Event) -> None:
        """Use one node alone, so that it shows whether it goes on."""
        chance = random.Random(seed)
        while not stop.is_set():
            title = self.name(f"node-{number}")
            email = f"p-{chance.randrange(_PEOPLE)}@example.com"
            event: dict[str, Any] = {"title": title, "eventId": f"id-{title}", "email": email}
            try:
                answer = self.pageview(number, gives_up=True, moves=False, **event)
            except Exception as error:  # the run ends with it
                self.unsettled.append(f"of node {number}: {error!r}")
                return
            if answer:
                self.ledger.known_as(email, answer["user"]["id"])
            time.sleep(_PAUSE)

    def name(self, kind: str) -> str:
        """A new name."""
        return f"{kind}-{next(self._numbers)}"

    def ask(self, number: int, query: str, **variables: Any) -> Answer:
        """One request to one node."""
        request = {"query": query, "variables": {"auth": self._stand.world.auth, **variables}}
        sent = time.monotonic()
        body: dict[str, Any] = {}
        try:
            response = self._clients[number].post("/graphql", json=request)
            if response.status_code != 200:
                reason = f"HTTP {response.status_code}"
            else:
                (body,) = response.json()["data"].values()
                reason = body["reason"] or ""
        except (httpx.ConnectError, httpx.ConnectTimeout):
            reason = "NOT_SENT"
        except httpx.TransportError as error:
            reason = type(error).__name__
        outcome = Outcome.RECORDED if not reason else Outcome.REFUSED if reason in _SURE else Outcome.UNKNOWN
        answer = Answer(number, sent, time.monotonic(), outcome, reason, body)
        self.ledger.heard(answer)
        return answer

    def until_done(self, number: int, query: str, **variables: Any) -> dict[str, Any]:
        """Ask for what may be asked again, until it is done; the first node first, then any."""
        give_up = time.monotonic() + _PATIENCE
        while True:
            answer = self.ask(number, query, **variables)
            if answer.outcome is Outcome.RECORDED:
                return answer.body
            if answer.reason == "USER_NOT_FOUND":  # erased by an earlier try
                return answer.body
            assert answer.body.get("code") != 400, answer.body
            assert time.monotonic() < give_up, f"not done within {_PATIENCE} s: {answer.reason}"
            time.sleep(0.1)
            number = random.randrange(3)

    def pageview(
        self, number: int, *, gives_up: bool = False, linked: bool = True, moves: bool = True, **event: Any
    ) -> dict[str, Any] | None:
        """Send a pageview, and again where it has an `eventId`, until its outcome is known; the answer 200.

        `gives_up`: not again if it was surely refused. `moves`: again at any node. `linked`: nobody erases the person.
        """
        event = {"pixelId": self._stand.world.pixel, "domain": "example.com", **event}
        give_up = time.monotonic() + _PATIENCE
        may_be_there = False
        while True:
            answer = self.ask(number, PAGEVIEW, event=event)
            if answer.outcome is Outcome.RECORDED:
                break
            may_be_there |= answer.outcome is Outcome.UNKNOWN
            assert answer.body.get("code") != 400, answer.body
            assert time.monotonic() < give_up, f"not known within {_PATIENCE} s: {answer.reason}"
            if "eventId" not in event or (gives_up and not may_be_there):
                self.ledger.settle(event["title"], Said(answer.outcome, None, is_linked=False))
                return None
            time.sleep(0.1)
            number = random.randrange(3) if moves else number
        user = (answer.body["user"] or {}).get("id")
        self.ledger.settle(event["title"], Said(Outcome.RECORDED, user, is_linked=linked))
        if "eventId" in event and linked:
            self.ledger.repeatable[event["title"]] = event
        return answer.body

    def _visit(self, chance: random.Random) -> None:
        title = self.name("t")
        event: dict[str, Any] = {"title": title}
        if chance.random() < 0.85:
            event["eventId"] = f"id-{title}"
        who = chance.random()
        if who < 0.7:
            event["email"] = f"{self.name('new') if who < 0.15 else f'p-{chance.randrange(_PEOPLE)}'}@example.com"
            if who > 0.5:
                event["visitorId"] = f"browser-of-{event['email'].partition('@')[0]}"
        answer = self.pageview(chance.randrange(3), gives_up=chance.random() < 0.5, **event)
        if answer and "email" in event:
            user = answer["user"]["id"]
            self.ledger.known_as(event["email"], user)
            if "visitorId" in event:
                self.ledger.linked[event["visitorId"]] = user

    def _visit_twice(self, chance: random.Random) -> None:
        """The same `eventId` at two nodes at once."""
        title = self.name("twice")
        event: dict[str, Any] = {"title": title, "eventId": f"id-{title}", "email": f"{self.name('new')}@example.com"}
        first, second = chance.sample(range(3), 2)
        other = self._pool.submit(self.pageview, second, **event)
        answers = [self.pageview(first, **event), other.result()]
        said = [(answer["message"], answer["user"]["id"]) for answer in answers if answer]
        if len(set(said)) != 1:
            self.ledger.false.append(f"{title} at two nodes at once: {said}")

    def _merge(self, chance: random.Random) -> None:
        """Two people who are shown to be one from two nodes at once."""
        name = self.name("m")
        by = ({"externalId": name}, {"email": f"{name}@example.com"})
        first, second = chance.sample(range(3), 2)
        for user in by:
            self.until_done(first, _IDENTIFY, user=user)
        other = self._pool.submit(self.until_done, second, _IDENTIFY, user=by[0] | by[1])
        answers = [self.until_done(first, _IDENTIFY, user=by[0] | by[1]), other.result()]
        if len({answer["user"]["id"] for answer in answers}) != 1:
            self.ledger.false.append(f"{name} was merged to two: {answers}")
        self.ledger.merged.append(name)

    def _suppress(self, chance: random.Random) -> None:
        """Suppressed at one node, and the next moment seen at another."""
        name = self.name("s")
        email = f"{name}@example.com"
        first, second = chance.sample(range(3), 2)
        self.pageview(second, title=self.name("t"), eventId=self.name("id"), email=email)
        self.until_done(first, _SUPPRESS, contacts=[{"email": email}])
        self.is_suppressed(second, email)
        self.ledger.suppressed.append(email)

    def is_suppressed(self, number: int, email: str) -> None:
        """Look whether somebody is resolved who must not be."""
        title = self.name("t")
        answer = self.pageview(number, title=title, eventId=f"id-{title}", email=email)
        if answer and answer["match"]["missReason"] != "SUPPRESSED":
            self.ledger.false.append(f"{email} was resolved though suppressed: {answer}")

    def _forget(self, chance: random.Random) -> None:
        """Seen at two nodes, and erased at the third."""
        email = f"{self.name('gone')}@example.com"
        nodes = chance.sample(range(3), 3)
        titles = [self.name("gone") for _ in nodes[:2]]
        for number, title in zip(nodes, titles, strict=False):
            self.pageview(number, linked=False, title=title, eventId=f"id-{title}", email=email)
        self.until_done(nodes[2], _FORGET, by={"email": email})
        self.ledger.erased[email] = titles

    def look(self, chance: random.Random) -> None:
        """Ask any node for some of what is known."""
        ledger, numbers = self.ledger, iter(lambda: chance.randrange(3), None)
        for event in _some(chance, ledger.repeatable.values(), 6):
            self.pageview(next(numbers), **event)
        for visitor, user in _some(chance, ledger.linked.items(), 4):
            self._is(next(numbers), user, visitorId=visitor)
        for email, user in _some(chance, ledger.users.items(), 4):
            self._is(next(numbers), user, email=email)
        for email in _some(chance, ledger.suppressed, 4):
            self.is_suppressed(next(numbers), email)
        for name in _some(chance, ledger.merged, 3):
            self._is_one(next(numbers), next(numbers), name)
        for email in _some(chance, ledger.erased, 4):
            self._is_nobody(next(numbers), email)

    def _is(self, number: int, user: str, **by: Any) -> None:
        title = self.name("t")
        answer = self.pageview(number, title=title, eventId=f"id-{title}", **by)
        found = answer and (answer["user"] or {}).get("id")
        if found != user:
            self.ledger.false.append(f"{by} was {user}, and is {found}")

    def _is_one(self, first: int, second: int, name: str) -> None:
        by = ({"externalId": name}, {"email": f"{name}@example.com"})
        found = [
            self.until_done(number, _USER, by=one)["user"] for number, one in zip((first, second), by, strict=True)
        ]
        if found[0] is None or found[0] != found[1]:
            self.ledger.false.append(f"{name} was merged, and is {found}")

    def _is_nobody(self, number: int, email: str) -> None:
        found = self.until_done(number, _USER, by={"email": email}).get("user")
        if found is not None:
            self.ledger.false.append(f"{email} was erased, and is {found}")


def _some(chance: random.Random, of: Iterable[T], at_most: int) -> list[T]:
    every = [*of]
    return chance.sample(every, min(at_most, len(every)))
