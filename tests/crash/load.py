"""Callers that post pageviews without pause, and remember what was answered."""

import random
import threading
import time
import uuid
from contextlib import AbstractContextManager
from functools import partial

import httpx

from tests.callers import calling
from tests.world import PAGEVIEW, Server, World

CALLERS = 8


class Load:
    """What was answered, over several servers of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.recorded: dict[str, str] = {}  # event id -> message
        self.learned: list[str] = []  # emails answered "User Created"
        self.refused: list[str] = []  # reasons

    def against(self, server: Server) -> AbstractContextManager[None]:
        """Post for as long as the context lasts."""
        return calling(*[partial(self._call, server.url)] * CALLERS)

    def wait_for(self, answered: int, seconds: float = 60) -> float:
        """Wait until so many more were answered; how long that took, in seconds."""
        began, enough = time.monotonic(), len(self.recorded) + answered
        while len(self.recorded) < enough:
            assert time.monotonic() - began < seconds, "no answers any more"
            time.sleep(0.005)
        return time.monotonic() - began

    def _call(self, url: str, stop: threading.Event) -> None:
        with httpx.Client(base_url=url, timeout=10, verify=False) as http:
            while not stop.is_set():
                event_id = str(uuid.uuid4())
                email = f"{event_id}@example.com" if random.random() < 0.3 else ""
                event = {"pixelId": 1, "domain": "example.com", "eventId": event_id, "email": email}
                request = {"query": PAGEVIEW, "variables": {"auth": self.world.auth, "event": event}}
                try:
                    answer = http.post("/graphql", json=request).json()["data"]["pageview"]
                except httpx.TransportError:
                    continue  # killed before it answered: the pageview may be there or not
                if answer["code"] == 200:
                    self.recorded[event_id] = answer["message"]
                    if answer["message"] == "User Created":
                        self.learned.append(email)
                else:
                    self.refused.append(answer["message"])
