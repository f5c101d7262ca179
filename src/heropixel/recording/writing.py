"""A group of pageviews is written: who their users are, one append to the journal, and each event id once.

What a door hands over is a `Submission`: the row is encoded there, so that the writer, of which there is one, adds to
each row only what follows from its user.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import msgspec

from heropixel.directory.users import User
from heropixel.identity.identifiers import Form
from heropixel.identity.resolve import Lookup, Miss, Resolution, Resolver
from heropixel.journal import Journal
from heropixel.recording.pageview import Entry, OfUser, Pageview, put_after, put_resolution
from heropixel.values import BEACON


class Submission(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A pageview as the writer gets it."""

    question: Lookup
    pixel: int
    line: bytes  # its row as JSON, without what follows from its user
    receipt: bytes  # the key of its receipt; empty: its caller gave no event id
    replaced: bytes  # the key of the receipt of the pageview that it replaces; empty: it replaces none
    live: bool  # subscribers receive it

    @classmethod
    def of(cls, pageview: Pageview, *, live: bool) -> "Submission":
        """What is handed over of a pageview."""
        row = pageview.row
        return cls(
            pageview.question,
            row.pixel_id,
            _ENCODER.encode(row),
            receipt_key(row.pixel_id, row.event_id) if pageview.guarded else b"",
            receipt_key(row.pixel_id, row.replaces) if row.replaces else b"",
            live,
        )


class Written(msgspec.Struct, array_like=True, gc=False):
    """What became of a pageview."""

    resolution: Resolution
    line: bytes = b""  # its entry in the journal; empty: it was recorded before


def write(submissions: Sequence[Submission], resolver: Resolver, journal: Journal, now: int) -> list[Written]:
    """Resolve a group and append it to the journal. Pageviews that were appended before get their earlier answer.

    Raises:
        JournalUnavailable, sqlalchemy.exc.DBAPIError: none of them is stored.
    """
    if not any(submission.receipt for submission in submissions):
        return _append(submissions, {}, resolver, journal, now)
    # Each has a name: the key of its receipt, or without one its place in the group.
    names = [submission.receipt or place for place, submission in enumerate(submissions)]
    guarded = {name: one for name, one in zip(names, submissions, strict=True) if isinstance(name, bytes)}
    answers = _answered_before(guarded, resolver, journal, now)
    fresh: dict[bytes | int, Submission] = {}
    for name, submission in zip(names, submissions, strict=True):
        if name not in answers:
            fresh.setdefault(name, submission)
    if fresh:
        guards = {name: place for place, name in enumerate(fresh) if isinstance(name, bytes)}
        answers.update(zip(fresh, _append([*fresh.values()], guards, resolver, journal, now), strict=True))
    return [answers[name] for name in names] if len({*names}) == len(names) else [*_in_order(names, answers)]


def _in_order(names: Sequence[bytes | int], answers: Mapping[bytes | int, Written]) -> Iterator[Written]:
    """An answer for each name. The second and later answers for a name are marked as repeated."""
    answered: set[bytes | int] = set()
    for name in names:
        answer = answers[name]
        yield Written(msgspec.structs.replace(answer.resolution, repeated=True)) if name in answered else answer
        answered.add(name)


def _append(
    submissions: Sequence[Submission], guards: Mapping[bytes, int], resolver: Resolver, journal: Journal, now: int
) -> list[Written]:
    """Resolve and append new pageviews. The keys of `guards` are the receipts' keys of the pageviews at its places."""
    resolutions = resolver.resolve([submission.question for submission in submissions], now)
    written = [
        Written(resolution, line_of(submission, resolution))
        for submission, resolution in zip(submissions, resolutions, strict=True)
    ]
    # The answer to a browser never names a user. So its receipt is empty: that costs a fifth of a full one.
    receipts = {
        key: b"" if submissions[place].question.from_browser else _receipt(resolutions[place])
        for key, place in guards.items()
    }
    # What is replaced may still be on its way. It counts as recorded, so that its page is not counted twice.
    replaced = [submission.replaced for submission in submissions if submission.replaced]
    journal.append(b"".join([one.line for one in written]), receipts, now, replaced)
    return written


def line_of(submission: Submission, resolution: Resolution) -> bytes:
    """The entry of a pageview in the journal: a line of JSON."""
    if resolution.linked_after:  # its time may have to change
        entry = _ENTRY.decode(submission.line)
        put_resolution(entry, resolution)
        put_after(entry, resolution.linked_after)
        return _ENCODER.encode(entry) + b"\n"
    if resolution.user is not None and not resolution.created and not resolution.unlinked:  # nearly always
        tail = _found_by(resolution.matched_on)[-1 if resolution.form is None else resolution.form]
        return b'%b,"user_id":%d,%b' % (submission.line[:-1], resolution.via, tail)
    of_user = OfUser()
    put_resolution(of_user, resolution)
    if resolution.miss is Miss.BOT and not submission.question.from_browser:
        # The API resolves a bot's pageview like any other. So a later link must find it, as it finds any other.
        of_user.resolution = Miss.NOT_KNOWN
    return b"%b,%b\n" % (submission.line[:-1], _ENCODER.encode(of_user)[1:])


@cache
def _found_by(matched_on: str | None) -> list[bytes]:
    """How the line of a user that was found ends, for each form of an email, and last without one."""
    tails = []
    for form in (*Form, None):
        of_user = OfUser()
        put_resolution(of_user, Resolution(matched_on=matched_on, form=form))
        tails.append(_ENCODER.encode(of_user)[1:] + b"\n")
    return tails


_ENCODER = msgspec.json.Encoder()
_ENTRY = msgspec.json.Decoder(Entry)


def receipt_key(pixel: int, event_id: str) -> bytes:
    """The key under which the receipt of an event id is stored: it is unique to its pixel.

    The id of a beacon begins with the time it was made, and so does its key: keys of the same time are neighbours.
    """
    made = _made(event_id) if event_id.startswith(BEACON) else b""  # also where it is imported
    named = b"%d:%b" % (pixel, event_id.encode())
    return made + hashlib.blake2b(named, digest_size=16 - len(made)).digest()


def _made(event_id: str) -> bytes:
    """The time when a beacon was made, from its id."""
    try:
        return bytes.fromhex(event_id[len(BEACON) :][:12])
    except ValueError:
        return b""


class _Receipt(msgspec.Struct, array_like=True, frozen=True):
    """A resolution as a receipt stores it. It has the user's number only, so that it keeps no personal data."""

    user_id: int
    created: bool
    matched_on: str | None
    form: int | None
    miss: str | None


def _receipt(resolution: Resolution) -> bytes:
    return msgspec.msgpack.encode(
        _Receipt(resolution.via, resolution.created, resolution.matched_on, resolution.form, resolution.miss)
    )


def _answered_before(
    guarded: Mapping[bytes, Submission], resolver: Resolver, journal: Journal, now: int
) -> dict[bytes | int, Written]:
    found = journal.receipts([*guarded], now)
    answers: dict[bytes | int, Written] = dict.fromkeys(found, _WITHOUT_USER)
    receipts = {
        key: msgspec.msgpack.decode(receipt, type=_Receipt)
        for key, receipt in found.items()
        if receipt and not guarded[key].question.from_browser  # the answer to a browser needs no user
    }
    known = resolver.users([receipt.user_id for receipt in receipts.values() if receipt.user_id])
    answers.update((key, _remembered(receipt, known.get(receipt.user_id))) for key, receipt in receipts.items())
    return answers


# The user was erased since; or the first pageview came from a browser endpoint, and this one is its imported copy.
_WITHOUT_USER = Written(Resolution(miss=Miss.NOT_KNOWN, repeated=True))


def _remembered(receipt: _Receipt, user: User | None) -> Written:
    if user is None and not receipt.miss:
        return _WITHOUT_USER
    return Written(
        Resolution(
            user=user,
            via=receipt.user_id,
            created=receipt.created,
            matched_on=receipt.matched_on,
            form=None if receipt.form is None else Form(receipt.form),
            miss=None if receipt.miss is None else Miss(receipt.miss),
            repeated=True,
        )
    )
