"""What a resolver may use: the credentials of the request and the parts of the product below the door."""

from collections.abc import Callable

import msgspec

from heropixel.api.credentials import Credentials, authenticate
from heropixel.directory.registry import App, Registry
from heropixel.recording.recorder import Recorder


class Product(msgspec.Struct, frozen=True):
    """The parts below the door, wired once."""

    registry: Registry
    recorder: Recorder
    clock: Callable[[], int]  # Unix milliseconds
    max_events: int


class Context(msgspec.Struct, frozen=True):
    """One request."""

    product: Product
    basic: Credentials | None

    def authenticate(self, argument: Credentials | None) -> App:
        """The app that is calling.

        Raises:
            InvalidCredentials: it is none.
        """
        return authenticate(self.product.registry, argument, self.basic)
