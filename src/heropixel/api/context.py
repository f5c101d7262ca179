"""What a resolver knows of a request: its caller, the selected fields, and the place that a trusted proxy gives."""

from collections.abc import Callable

import msgspec

from heropixel.api.credentials import Credentials, Key
from heropixel.directory.registry import App, Registry
from heropixel.enrichment import NOWHERE, Place


class Callers(msgspec.Struct, frozen=True):
    """Authenticates callers by their credentials."""

    registry: Registry
    clock: Callable[[], int]  # Unix milliseconds

    def app(self, key: Key) -> App:
        """The app that a key belongs to.

        Raises:
            InvalidCredentials: it belongs to none. Neither answer nor time reveals whether there is such an app.
        """
        return key.app(self.registry, self.clock())


class Context(msgspec.Struct, frozen=True):
    """One request."""

    callers: Callers
    basic: Credentials | None
    selected: frozenset[str] = frozenset()  # the names of the selected fields, for queries that look ahead
    place: Place = NOWHERE  # of the caller, if a trusted proxy gives it

    def authenticate(self, argument: Credentials | None) -> App:
        """The calling app. The argument wins if there are credentials in both places.

        Raises:
            InvalidCredentials: there are none, or they are wrong. Neither answer nor time reveals which of the two.
        """
        return self.callers.app(self.key(argument))

    def key(self, argument: Credentials | None) -> Key:
        """The key of a subscription: it outlives the request, and its app is checked again and again.

        Raises:
            InvalidCredentials: there are no credentials.
        """
        return Key.of(argument or self.basic)
