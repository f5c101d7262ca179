"""What a resolver may use: the credentials of the request and the parts of the product below the door."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import msgspec
from sqlalchemy import Connection

from heropixel.api.credentials import Credentials, Key, authenticate
from heropixel.directory.registry import App, Registry
from heropixel.directory.thread import DirectoryThread
from heropixel.enrichment import NOWHERE, Place, Places
from heropixel.events import EventsThread
from heropixel.identity.identifiers import Index
from heropixel.installation.verify import Verifier
from heropixel.recording.live import Live
from heropixel.recording.recorder import Recorder
from heropixel.recording.upkeep import Upkeep
from heropixel.reports.reporting import Reporting

T = TypeVar("T")


class AtMost(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a thing there may be."""

    events: int  # in one call, and users
    contacts: int  # in one call
    page: int  # nodes in one page of a list
    joined: int  # users by one identifier


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """The parts below the door, wired once."""

    registry: Registry
    index: Index
    directory: DirectoryThread
    searching: DirectoryThread  # for what may take seconds: nobody who asks for one thing waits behind it
    events: EventsThread
    recorder: Recorder
    live: Live
    upkeep: Upkeep
    reporting: Reporting
    verifier: Verifier
    places: Places | None = None
    clock: Callable[[], int]  # Unix milliseconds
    at_most: AtMost

    async def change_registry(self, change: Callable[[Connection], T]) -> T:
        """Change apps, pixels or domains; the next request to this server sees it.

        Raises:
            DirectoryUnavailable: the directory cannot be written now.
        """
        answer = await self.directory.write(change)
        await asyncio.to_thread(self.registry.refresh)
        return answer


class Context(msgspec.Struct, frozen=True):
    """One request."""

    product: Product
    basic: Credentials | None
    selected: frozenset[str] = frozenset()  # of a query that looks ahead: the names of the fields that are asked for
    place: Place = NOWHERE  # of the caller, where a trusted proxy says it

    def authenticate(self, argument: Credentials | None) -> App:
        """The app that is calling.

        Raises:
            InvalidCredentials: it is none.
        """
        return authenticate(self.product.registry, argument, self.basic, self.product.clock())

    def key(self, argument: Credentials | None) -> Key:
        """The same for what goes on after the request: to be asked for the app again and again.

        Raises:
            InvalidCredentials: there are no credentials.
        """
        return Key.of(argument or self.basic)
