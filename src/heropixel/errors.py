"""Every refusal but those about members: its reason and its sentence, once. At the end, what a store raises.

A `Refusal` is for the caller of the API: its class name is the `reason` (`DomainNotAuthorized` becomes
`DOMAIN_NOT_AUTHORIZED`), its docstring is the `message`. What the operator has to mend is in `troubles.py`.
Why a share is refused is in `members/share_refusals.py`.
"""

import re
from collections.abc import Callable
from typing import ClassVar, Final

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def reason_of(refusal: type) -> str:
    """The reason that the name of a class is: `DomainNotAuthorized` is `DOMAIN_NOT_AUTHORIZED`."""
    return _WORD_START.sub("_", refusal.__name__).upper()


class Explained(Exception):  # noqa: N818 - the base of things that are named by their reason, not "...Error"
    """An exception whose docstring, filled with its arguments, is its message."""

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(" ".join((self.__doc__ or "").split()).format_map(details))

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        """It is made again of its details."""
        return _again, (type(self), self.details)

    @property
    def message(self) -> str:
        """What it says."""
        return str(self)


def _again(kind: type[Explained], details: dict[str, object]) -> Explained:
    return kind(**details)


class Refusal(Explained):
    """The caller asked for something that cannot be done."""

    code: ClassVar[int] = 400
    reason: ClassVar[str] = ""
    exit_code: ClassVar[int] = 2  # of a command that is refused the same
    hint: ClassVar[str] = ""  # for the user of the command line: what to do next

    def __init_subclass__(cls) -> None:
        cls.reason = reason_of(cls)


class InvalidCredentials(Refusal):
    """Invalid credentials"""


class NotAllowed(Refusal):
    """{why}"""


class PixelNotFound(Refusal):
    """Pixel not found"""

    exit_code = 7
    hint = "See `heropixel pixels list`."


class InvalidDomain(Refusal):
    """Invalid domain"""


class DomainNotAuthorized(Refusal):
    """Domain not authorized"""


class DomainUnusable(Refusal):
    """{domain} cannot be authorised: {why}"""


class HostUnusable(Refusal):
    """{host} cannot send visitors back: {why}"""


class InvalidView(Refusal):
    """The view cannot be saved: {why}"""


class InvalidName(Refusal):
    """name must be 1 to {limit} characters, without control characters"""


class InvalidRetention(Refusal):
    """retentionDays must be from 1 to {limit}; to keep pageviews for ever, give keepForever instead"""

    hint = "Give either --days or --for-ever."


class NothingToUpdate(Refusal):
    """There is nothing to update: give a name, retentionDays, keepForever, consentMode, timezone or weekStartsOn"""


class InvalidGrace(Refusal):
    """graceSeconds must be from 0 to {limit} (30 days)"""


class SecretNotFound(Refusal):
    """The app has no working secret with that id"""

    exit_code = 7
    hint = "See `heropixel apps show`."


class LastSecret(Refusal):
    """This is the only secret that does not expire: rotate it instead"""


class TooManySecrets(Refusal):
    """The app has {limit} working secrets, which is the limit: revoke one first"""


class InvalidPage(Refusal):
    """first must be from 1 to {limit}"""


class InvalidCursor(Refusal):
    """after is not a cursor of this list: send the endCursor of the page before, with all other arguments unchanged"""


class InvalidSearch(Refusal):
    """The search is not valid: {why}"""


class InvalidTimezone(Refusal):
    """timezone must be a name of the IANA database such as Europe/Zurich, or UTC; {timezone} is not one"""


class InvalidRange(Refusal):
    """The range cannot be used: {why}"""


class TooManyPoints(Refusal):
    """The report has {count} points of time, {limit} are allowed: ask for a shorter range or longer steps"""


class InvalidFilter(Refusal):
    """The filter cannot be used: {why}"""


class InvalidOrder(Refusal):
    """The rows cannot be put in this order: {why}"""


class InvalidReport(Refusal):
    """The report is not valid: {why}"""


class ReportTooSlow(Refusal):
    """The report needs longer than {seconds} s, or more memory than allowed: ask for a shorter range, fewer dimensions
    or a narrower filter"""


class ReportsBusy(Refusal):
    """Too many reports are waiting: try again in a moment"""

    code = 500


class InvalidUrl(Refusal):
    """The page cannot be verified: {why}"""


class AddressForbidden(Refusal):
    """{host} has no address that may be fetched from. Private ones may: by `heropixel verify`, or with the setting
    HEROPIXEL_VERIFY_PRIVATE. Link-local ones never may"""


class VerificationsBusy(Refusal):
    """{limit} pages are being verified, which is the limit: try again in a moment"""

    code = 500


class InvalidEmail(Refusal):
    """email is not an email address"""


class InvalidDigest(Refusal):
    """{field} is not a digest of {bytes} bytes: send {hex} hexadecimal digits or its Base64"""


class InvalidPhone(Refusal):
    """phone is not a telephone number with its country code, such as +14155550100"""


class PlaceholderIdentifier(Refusal):
    """{field} holds a placeholder ({value}), not an identifier: leave it out when the person is not known"""


class RoundedIdentifier(Refusal):
    """{field} is a number whose last digits are lost ({value}): give the whole number, as a text"""


class ContradictoryIdentifiers(Refusal):
    """email and {field} contradict each other: {field} is not a digest of that email"""


class InvalidTimestamp(Refusal):
    """timestamp must be Unix seconds, Unix milliseconds or ISO 8601, at most 30 days back and 10 minutes ahead"""


class InvalidText(Refusal):
    """{field} contains a character that cannot be stored (NUL or half of a surrogate pair)"""


class FieldTooLong(Refusal):
    """{field} is longer than {limit} characters"""


class InvalidTraits(Refusal):
    """traits must be a JSON object"""


class IdentifierMissing(Refusal):
    """No identifier names the user: give an externalId, email, digest or phone; a visitorId names only a browser"""


class InvalidSelector(Refusal):
    """Name exactly one user, by one identifier or by the id; to preview hashes, give an email, a phone or both"""


class UserNotFound(Refusal):
    """User not found"""

    exit_code = 7


class MergeNotFound(Refusal):
    """There is no such merge, or it is undone already"""

    exit_code = 7


class LinkNotFound(Refusal):
    """The browser is not linked to this user"""

    exit_code = 7


class UnlinkNotFound(Refusal):
    """There is no such unlink, it is undone already, or the browser was taken from this user again"""

    exit_code = 7


class ErasureNotFound(Refusal):
    """There is no such erasure"""

    exit_code = 7


class PersonErased(Refusal):
    """This person was erased and must not be learned again: lift it with `unsuppress` if the person asks for that"""


class NoContact(Refusal):
    """No contact is given: give an email, a digest of one, or a phone"""


class InvalidExpiry(Refusal):
    """The end (expiresAt) must be in the future: Unix seconds, Unix milliseconds or an ISO 8601 date"""


class TooManyContacts(Refusal):
    """contacts holds {count}, {limit} are allowed in one request: send the rest in another"""


class TooManyEmails(Refusal):
    """A user may be given {limit} emails at once"""


class TooManyUsers(Refusal):
    """users holds {count} people, {limit} are allowed in one request: send the rest in another"""


class TooManyEvents(Refusal):
    """events holds {count} pageviews, {limit} are allowed in one request: send the rest in another"""


class TooManySubscriptions(Refusal):
    """{limit} subscriptions are open on this socket, which is the limit: end one, or open another socket"""


class TooManyListeners(Refusal):
    """{limit} sockets and event streams are open, which is the limit: try again in a moment"""


class TooSlow(Refusal):
    """Too slow: {count} pageviews wait unread, which is the limit. Read faster, or ask for fewer"""


class TooManyToTell(Refusal):
    """More pageviews are recorded than can be sent live: ask for fewer pixels"""


class LiveInterrupted(Refusal):
    """Some pageviews could not be sent live, since a part of the server ended: subscribe again"""

    code = 500


class Overloaded(Refusal):
    """The server is overloaded: nothing was recorded, send the pageview again in a moment"""

    code = 500


NOTHING_CHANGED: Final = ", and nothing was changed: try again in a moment"
MAYBE_CHANGED: Final = ". Whether the change was made is not known: look before you repeat it"


class DirectoryUnavailable(Refusal):
    """The directory cannot be used now{so}"""

    code = 500
    exit_code = 8


class EventStoreUnavailable(Refusal):
    """Pageviews cannot be read now: the event store is not reachable. Try again in a moment"""

    code = 500
    exit_code = 8


class StorageUnavailable(Refusal):
    """The pageview could not be stored durably and was not recorded: send it again in a moment"""

    code = 500


class OutcomeUnknown(Refusal):
    """The pageview may not have been recorded: the server could not finish it. The same eventId again is always safe"""

    code = 500


class DiskAlmostFull(Refusal):
    """The server's disk is almost full, and nothing was recorded: its operator has to make room. Then send it again"""

    code = 500


class InternalError(Refusal):
    """Internal server error (id {id})"""

    code = 500


def all_refusals() -> list[type[Refusal]]:
    """Every refusal that the API can answer with, as far as their modules are loaded."""
    return Refusal.__subclasses__()


class StoreUnavailable(Exception):  # noqa: N818 - named as the guarantee that is broken
    """A store cannot do it now: a full disk, a broken connection."""


class JournalUnavailable(StoreUnavailable):
    """The journal cannot do it now."""


class JournalUnsure(StoreUnavailable):
    """The journal cannot tell whether it has stored a group: the connection was lost while it was committed."""


class EventsUnavailable(StoreUnavailable):
    """The event store cannot do it now; whether it has done it is not known."""


class ReprocessingUnavailable(EventsUnavailable):
    """Pageviews of an event store with replicas cannot be enriched again by this version."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class EventsTooSlow(EventsUnavailable):
    """A question takes the event store longer, or more memory, than it may."""
