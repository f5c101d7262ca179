"""Every reason to drop a beacon that only the browser endpoints have, with its sentence, once.

The other reasons are refusals of the API too, such as `DomainNotAuthorized`: see `errors.py`. No sentence and no status
reveals anything about the visitor. A beacon that is dropped because of its visitor (a replay, a visitor who opted out)
is answered like one that is recorded.
"""

from typing import ClassVar

from heropixel.errors import Explained, reason_of


class Drop(Explained):
    """The beacon is not taken."""

    status: ClassVar[int] = 400
    reason: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.reason = reason_of(cls)


class MalformedBeacon(Drop):
    """The beacon is not valid: {why}"""


class ForbiddenField(Drop):
    """{field} cannot be set from a browser: send it from your server, over GraphQL"""


class InvalidId(Drop):
    """{field} must be {form}"""


class OriginMissing(Drop):
    """Neither Origin nor Referer names the host of the page: its Referrer-Policy hides it, or it has none (file://, a
    sandboxed frame). A page without a host can only be counted over GraphQL"""


class MethodNotAllowed(Drop):
    """The method must be {allowed}"""

    status = 405


class BeaconTooLarge(Drop):
    """The beacon is larger than {limit} bytes, which is the limit"""

    status = 413


class TooManyBeacons(Drop):
    """Too many beacons come from this {address_or_pixel}: send the next one in {seconds} s"""

    status = 429


REPLAYED = "REPLAYED"  # a beacon with this id was recorded before
OPTED_OUT = "OPTED_OUT"


def all_drops() -> list[type[Drop]]:
    """Every reason of this file that is answered to the sender."""
    return Drop.__subclasses__()
