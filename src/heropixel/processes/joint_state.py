"""What is one for all processes of a server: it is made before they are forked, and lies in memory that they share."""

from typing import NamedTuple, Self

from heropixel.api.guesses import Guesses
from heropixel.members.attempts import Attempts
from heropixel.settings import Settings
from heropixel.wire.rate_limits import RateLimit


class JointState(NamedTuple):
    """The state that all processes of a server share."""

    by_address: RateLimit
    by_pixel: RateLimit
    guesses: Guesses
    sign_ins: Attempts
    share_openings: Attempts

    @classmethod
    def made(cls, settings: Settings) -> Self:
        """Make it, before the fork."""
        return cls(
            by_address=RateLimit(settings.address_rate, settings.address_burst),
            by_pixel=RateLimit(settings.pixel_rate, settings.pixel_burst),
            guesses=Guesses(settings.secret_rate, settings.secret_burst),
            sign_ins=Attempts(),
            share_openings=Attempts(),
        )
