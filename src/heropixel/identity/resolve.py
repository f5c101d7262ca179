"""Pageviews are resolved in batches: their users are found, learned and linked."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from heropixel.directory import Directory
from heropixel.directory.erasures import BeingErased, keys_being_erased
from heropixel.directory.merges import any_unreliable, unmark_unreliable, unreliable_among
from heropixel.directory.pairs import add_finder
from heropixel.directory.suppressions import suppressed_among
from heropixel.directory.unlinks import apart_among
from heropixel.directory.users import (
    Found,
    Identifier,
    User,
    add_contacts,
    add_users,
    find_by_ids,
    look_for,
    put_identifiers,
    reserve_ids,
)
from heropixel.identity.browsers import UNBOUNDED, beyond_bound
from heropixel.identity.identifiers import NO_EMAIL, Claims, Form, IdentifierKind, Index, Known, keys_of
from heropixel.identity.names import owner_of


class Miss(StrEnum):
    """Why no user was found; the contract's enum `MissReason`."""

    NOT_KNOWN = "NOT_KNOWN"
    SUPPRESSED = "SUPPRESSED"
    NO_CONSENT = "NO_CONSENT"
    BOT = "BOT"
    NO_IDENTIFIER = "NO_IDENTIFIER"


class Lookup(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Asks for the user of a pageview. `consent` is None where it was not given; only False forbids the look-up."""

    app: int
    claims: Claims
    consent: bool | None
    # From a browser endpoint: it is resolved after the answer, since the time of the answer would show who is known.
    from_browser: bool = False
    bot: bool = False  # the user agent is surely a bot's

    @property
    def of_a_bot(self) -> bool:
        """Whether a bot sent it: its identifiers are ignored. A site's own server is trusted to know its users."""
        return self.bot and self.from_browser


class LateQuestion(msgspec.Struct, frozen=True, gc=False):
    """A question of a browser endpoint, at the time when it is resolved."""

    keys: Sequence[Known]  # strongest first
    received: int  # Unix milliseconds


class Resolution(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The answer: a user that was found or created, or why there is none."""

    user: User | None = None
    via: int = 0  # the id the pageview is recorded under: the user's own, or one that was merged into it
    created: bool = False
    matched_on: str | None = None  # a value of the contract's enum `Identifier`
    form: Form | None = None  # the form of the email that matched
    miss: Miss | None = None
    # This browser is not the user's: it was taken from them by hand, or they have as many as a page may link.
    unlinked: bool = False
    repeated: bool = False  # the pageview was recorded before, and is not recorded again
    linked_after: int = 0  # when the visitor was linked to another user before, in Unix milliseconds; 0: it was not
    known_by: tuple[Known, ...] = ()  # the keys by which the loader resolves it later; other fields are empty then

    @property
    def found(self) -> bool:
        """Whether the user was known before."""
        return self.user is not None and not self.created


NO_CONSENT = Resolution(miss=Miss.NO_CONSENT)
BOT = Resolution(miss=Miss.BOT)
NO_IDENTIFIER = Resolution(miss=Miss.NO_IDENTIFIER)
NOT_KNOWN = Resolution(miss=Miss.NOT_KNOWN)
SUPPRESSED = Resolution(miss=Miss.SUPPRESSED)


class Resolver:
    """Resolves batches of pageviews. Used by one thread at a time.

    A batch needs one look-up. If users are to be learned or linked, it needs a transaction too: a second look-up under
    the lock (another process may have learned the same people since) and one statement for each table.
    """

    def __init__(self, directory: Directory, index: Index) -> None:
        self._directory = directory
        self._index = index

    def resolve(self, questions: Sequence[Lookup], now: int) -> list[Resolution]:
        """Answer each question as if they came one after the other; `now` is in Unix milliseconds.

        Learned users and links are on the disk when it returns.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory failed. Nobody was learned or linked.
        """
        index = self._index
        keys = [
            [] if q.consent is False or (q.bot and q.of_a_bot) else keys_of(q.claims, q.app, index) for q in questions
        ]
        wanted = [known.key for q, some in zip(questions, keys, strict=True) if not q.from_browser for known in some]
        group = _look(self._directory.connection, wanted, now) if wanted else _Group({}, {}, now)
        resolutions = group.answer(questions, keys)
        if not group.changed:
            return resolutions
        browsers = [some[-1].key for some in keys if some and some[-1].kind == IdentifierKind.VISITOR_ID]
        if group.unlinks:
            group = _look(self._directory.connection, wanted, now, browsers)
            resolutions = group.answer(questions, keys)
            if not group.changed:
                return resolutions
        with self._directory.writing() as connection:
            group = _look(connection, wanted, now, browsers)
            # One id for each user that may be new. Unused ids cost nothing; a second pass to count them would.
            for app, count in Counter(question.app for question in questions if question.claims.email).items():
                group.ids[app] = iter(reserve_ids(connection, app, count))
            resolutions = group.answer(questions, keys)
            _yield_shared(connection, group)
            add_users(connection, group.new_users, learned=True)
            put_identifiers(connection, group.new_identifiers.values())
            add_contacts(connection, group.new_contacts)
        return resolutions

    def find(self, questions: Sequence[LateQuestion], now: int) -> list[Resolution]:
        """Resolve late questions of the browser endpoints, and link nobody.

        Raises:
            sqlalchemy.exc.DBAPIError: the directory failed.
        """
        return _look_late(self._directory.connection, questions, now).answer_late(questions)

    def users(self, ids: Sequence[int]) -> dict[int, User]:
        """The users of these ids. Ids without a user are left out."""
        return find_by_ids(self._directory.connection, ids)


def link(
    directory: Directory, questions: Sequence[LateQuestion], now: int, most_browsers: int = UNBOUNDED
) -> list[Resolution]:
    """Answer each question as if they came one after the other, and link the visitors. It is idempotent.

    If a visitor was linked to another user after its pageview was received, that link stays. If a user was erased after
    their pageview was received, the answer is still this user while the erasure of their pageviews waits: so the
    pageview is erased too. The answer then has an id alone, as the user is gone. `now` is in Unix milliseconds.

    A user who has `most_browsers` is found all the same, and gets no more.

    Raises:
        sqlalchemy.exc.DBAPIError: the directory failed. Nobody was linked.
    """
    group = _look_to_link(directory.connection, questions, now)
    resolutions = group.answer_late(questions)
    # The second look-up, under the lock, covers only the questions that the changes concern.
    places = [place for place, each in enumerate(questions) if group.concerns(each.keys)]
    if not places:
        return resolutions
    with directory.writing() as connection:
        linking = [questions[place] for place in places]
        group = _look_to_link(connection, linking, now)
        if group.unlinks:
            group.apart = apart_among(connection, [each.keys[-1].key for each in linking if each.keys])
        answers = group.answer_late(linking)
        beyond = beyond_bound(connection, group.new_identifiers.values(), most_browsers)
        for place, resolution in zip(places, answers, strict=True):
            unlinked = bool(beyond) and questions[place].keys[-1].key in beyond
            resolutions[place] = replace(resolution, unlinked=True) if unlinked else resolution
        put_identifiers(connection, [one for key, one in group.new_identifiers.items() if key not in beyond])
    return resolutions


def _yield_shared(connection: Connection, group: "_Group") -> None:
    """Learned addresses do not get the weaker forms that several people share. An address beats a weaker form."""
    if not (group.new_mailboxes and any_unreliable(connection)):
        return
    shared = unreliable_among(connection, [known.key for email in group.new_mailboxes for known in email])
    for email in group.new_mailboxes:
        own = [known.key for known in email if known.form == Form.STRICT]
        unmark_unreliable(connection, shared.intersection(own))
        for known in email:
            if known.form != Form.STRICT and known.key in shared:
                group.new_identifiers.pop(known.key, None)
                if known.kind == IdentifierKind.SHA256:
                    add_finder(connection, known.key, own[:1], ())


def _look(connection: Connection, keys: Sequence[bytes], now: int, browsers: Sequence[bytes] = ()) -> "_Group":
    """Look up keys. With `browsers`, also whom they were taken from."""
    found, suppressions, unlinks = look_for(connection, keys)
    group = _Group(found, suppressed_among(connection, keys, now) if suppressions else {}, now)
    group.unlinks = unlinks
    if unlinks and browsers:
        group.apart = apart_among(connection, browsers)
    return group


def _look_late(connection: Connection, questions: Sequence[LateQuestion], now: int) -> "_Group":
    return _look(connection, [known.key for question in questions for known in question.keys], now)


def _look_to_link(connection: Connection, questions: Sequence[LateQuestion], now: int) -> "_Group":
    group = _look_late(connection, questions, now)
    group.erased = keys_being_erased(connection)  # last: a user who is erased in between was found before
    return group


class _Group:
    """Decides on a batch, and collects the changes to write. Later questions see earlier answers."""

    def __init__(self, found: dict[bytes, Found], suppressed: Collection[bytes], now: int) -> None:
        self.ids: dict[int, Iterator[int]] = {}
        self.new_users: list[User] = []
        self.new_identifiers: dict[bytes, Identifier] = {}
        self.new_contacts: list[tuple[int, str, str]] = []
        self.new_mailboxes: list[
            Sequence[Known]
        ] = []  # the keys of learned addresses that have weaker forms, or are one
        self.erased: dict[bytes, BeingErased] = {}  # only for pageviews that are resolved late
        self.unlinks = False  # whether there are any
        self.apart: Mapping[bytes, Collection[int]] = {}  # browsers, and the people they were taken from
        self._found = found
        self._suppressed = suppressed
        self._now = now

    @property
    def changed(self) -> bool:
        """Whether there are changes to write. Each change has an identifier."""
        return bool(self.new_identifiers)

    def concerns(self, keys: Sequence[Known]) -> bool:
        """Whether the changes concern one of these keys."""
        return bool(self.new_identifiers) and any(known.key in self.new_identifiers for known in keys)

    def answer(self, questions: Sequence[Lookup], keys: Sequence[list[Known]]) -> list[Resolution]:
        """An answer to each question, in order."""
        return [self._answer(question, known) for question, known in zip(questions, keys, strict=True)]

    def answer_late(self, questions: Sequence[LateQuestion]) -> list[Resolution]:
        """An answer to each late question, in order."""
        return [self._erased_since(each) or self._decide(each.keys, each.received) for each in questions]

    def _erased_since(self, question: LateQuestion) -> Resolution | None:
        """The answer for a user who was erased after the pageview was received."""
        for known in question.keys if self.erased else ():
            being_erased = self.erased.get(known.key)
            if being_erased and question.received <= being_erased.until:
                return Resolution(via=being_erased.user, matched_on=known.given)
            if known.key in self._found:
                break
        return None

    def _answer(self, question: Lookup, keys: Sequence[Known]) -> Resolution:
        if question.consent is False:
            return NO_CONSENT
        if question.bot and question.of_a_bot:
            return BOT
        if not keys:
            return NO_IDENTIFIER
        if question.from_browser:
            return Resolution(known_by=tuple(keys))
        return self._decide(keys, self._now, question)

    def _decide(self, keys: Sequence[Known], seen_at: int, told: Lookup | None = None) -> Resolution:
        """The user of keys that were seen together at a time (Unix milliseconds). Only the API can teach new users."""
        if self._suppressed and any(known.key in self._suppressed for known in keys):
            return SUPPRESSED
        if len(keys) == 1 and keys[0].kind != IdentifierKind.VISITOR_ID and (only := self._found.get(keys[0].key)):
            # Nearly always: one known user, and no changes.
            return SUPPRESSED if only.user.suppressed_until > self._now else _resolution(keys[0], only)
        hits = [(known, hit) for known in keys if (hit := self._found.get(known.key)) is not None]
        if not hits and told is None:  # nearly always, for browser endpoints
            return NOT_KNOWN
        # A visitor is a browser, and browsers are shared. It never overrides an identifier of a person.
        strong = [(known, hit) for known, hit in hits if known.kind != IdentifierKind.VISITOR_ID]
        if any(hit.user.suppressed_until > self._now for _, hit in strong or hits):
            return SUPPRESSED
        learned = self._learn(told, keys) if told and told.claims.email else None
        if strong:
            first = strong[0]
            resolution = _resolution(*(first if first[1].form not in _WEAKER else _strongest(strong)))
        elif learned:
            resolution = Resolution(user=learned, via=learned.id, created=True)
        else:
            return _resolution(*hits[0]) if hits else BOT if told and told.bot else NOT_KNOWN
        return self._link(keys[-1], resolution, seen_at, late=told is None)

    def _learn(self, question: Lookup, keys: Sequence[Known]) -> User | None:
        """Make the email known in every form: for its user, or for a new user."""
        email = [known for known in keys if known.given == "EMAIL"]
        owner = self._found.get(email[0].key)
        if owner is None or owner.form != _AS_ADDRESS:
            strict = (known for known in email if known.form == _AS_ADDRESS)
            owner = next((hit for known in strict if (hit := owner_of(known, self._found))), None)
            if owner is None and any(known.key in self._found for known in email):
                return None  # the user is found by a weaker form of the address, which adds nothing to them
        # The first pass only asks whether there are changes. It has no ids yet.
        user = owner.user if owner else User(next(self.ids[question.app]) if self.ids else 0, None, None, self._now)
        via = owner.via if owner else user.id
        unknown = [known for known in email if known.key not in self._found]
        for known in unknown:
            self._give(known, user, via)
        if unknown and (question.claims.email or "").endswith(_MAILBOXES):
            self.new_mailboxes.append(email)
        if unknown and not unknown[0].lone:
            self.new_contacts.append((via, "email", question.claims.email or ""))
        if owner:
            return None
        self.new_users.append(user)
        return user

    def _link(self, last: Known, resolution: Resolution, seen_at: int, *, late: bool) -> Resolution:
        """Link the visitor, the last of the keys, unless it is this user's already or was linked to another since."""
        user = resolution.user
        if user is None or last.kind != IdentifierKind.VISITOR_ID:
            return resolution
        if self.apart and user.id in self.apart.get(last.key, ()):
            return replace(resolution, unlinked=True)
        linked = self._found.get(last.key)
        if linked is None:
            self._give(last, user, resolution.via, seen_at)
        elif linked.user.id != user.id and not (late and linked.linked_at > seen_at):
            # Also within a batch, which has one time, links keep the order in which they were made.
            self._give(last, user, resolution.via, seen_at if late else max(seen_at, linked.linked_at + 1))
            return resolution if late else msgspec.structs.replace(resolution, linked_after=linked.linked_at)
        return resolution

    def _give(self, known: Known, user: User, via: int, linked_at: int | None = None) -> None:
        self.new_identifiers[known.key] = (known.key, via, known.kind, known.form, known.lone, linked_at)
        self._found[known.key] = Found(user, known.form, via, linked_at or 0)


_AS_ADDRESS = Form.STRICT.value
_WEAKER = (Form.GOOGLE.value, Form.UID2.value)
_MAILBOXES = ("@gmail.com", "@googlemail.com")
_FORMS = tuple(Form)  # by number: looked up, not made, at each pageview
_OF_EMAIL = (IdentifierKind.SHA256, IdentifierKind.SHA1, IdentifierKind.MD5)  # no set: an enum hashes slowly


def _strongest(hits: Sequence[tuple[Known, Found]]) -> tuple[Known, Found]:
    """The hit that decides. A weaker form of an email only finds whom nothing else finds."""
    return next((each for each in hits if each[1].form not in _WEAKER and each[0].form not in _WEAKER), hits[0])


def _resolution(known: Known, hit: Found) -> Resolution:
    number = known.form if known.form > hit.form else hit.form
    form = _FORMS[number] if number != NO_EMAIL and known.kind in _OF_EMAIL else None
    return Resolution(hit.user, hit.via, False, known.given, form)  # keywords take twice as long
