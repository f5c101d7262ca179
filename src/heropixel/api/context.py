"""What a resolver knows of a request: who sent it, which fields it selects, and where a trusted proxy saw it."""

from collections.abc import Callable

import msgspec

from heropixel.api.credentials import Credentials, Key
from heropixel.directory.registry import App, Registry
from heropixel.enrichment import NOWHERE, Place


class Callers(msgspec.Struct, frozen=True):
    """Tells callers by their credentials."""

    registry: Registry
    clock: Callable[[], int]  # Unix milliseconds

    def app(self, key: Key) -> App:
        """The app that a key opens.

        Raises:
            InvalidCredentials: it opens none; whether there is such an app cannot be told, nor timed.
        """
        return key.app(self.registry, self.clock())


class Context(msgspec.Struct, frozen=True):
    """One request."""

    callers: Callers
    basic: Credentials | None
    selected: frozenset[str] = frozenset()  # of a query that looks ahead: the names of the fields that are asked for
    place: Place = NOWHERE  # of the caller, where a trusted proxy says it

    def authenticate(self, argument: Credentials | None) -> App:
        """The app that is calling. The argument wins where there are credentials in both places.

        Raises:
            InvalidCredentials: there are none, or they are wrong; which of the two cannot be told, nor timed.
        """
        return self.callers.app(self.key(argument))

    def key(self, argument: Credentials | None) -> Key:
        """The key of what goes on after the request: it is asked for its app again and again.

        Raises:
            InvalidCredentials: there are no credentials.
        """
        return Key.of(argument or self.basic)
