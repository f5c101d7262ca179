"""The identifiers of a person: they are normalised, checked and hashed. Pure: no store, no clock.

The forms follow what the platforms publish: strict is Meta's (Conversions API, customer information parameters),
Google's is enhanced conversions' ("normalise and hash"), UID2's is its identity normalisation.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec
import phonenumbers

from heropixel.errors import (
    ContradictoryIdentifiers,
    FieldTooLong,
    InvalidDigest,
    InvalidPhone,
    InvalidText,
    PlaceholderIdentifier,
    RoundedIdentifier,
)
from heropixel.identity.emails import normalise_email
from heropixel.nothing import digest_of_nothing, is_nothing, is_usual
from heropixel.values import DAILY, MARKS, unguarded, without_invisible


class IdentifierKind:
    """The kind of an identifier. The number is stored. No enum: its members slow garbage collection and look-ups."""

    EXTERNAL_ID: Final = 1
    SHA256: Final = 2
    SHA1: Final = 3
    MD5: Final = 4
    PHONE: Final = 5
    VISITOR_ID: Final = 6


class Form(IntEnum):
    """How an email was written before it was hashed. The number is stored; a smaller one wins."""

    STRICT = 0
    GOOGLE = 1
    UID2 = 2


_AS_GIVEN = Form.STRICT.value  # of an identifier that comes as a digest
NO_EMAIL = 9  # in the place of a form: the identifier is no email
LOOSE = 10  # the same, of a telephone number that was named without all that its user is known by


class Digests(NamedTuple):
    """The digests of one form of an email, in bytes."""

    form: Form
    sha256: bytes
    sha1: bytes
    md5: bytes


class Claims(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The identifiers that a pageview or a row of an import gives, checked and normalised."""

    external_id: str | None = None
    email: str | None = None
    sha256: bytes | None = None
    sha1: bytes | None = None
    md5: bytes | None = None
    phone: str | None = None
    visitor_id: str | None = None

    @classmethod
    def parse(
        cls,
        external_id: str | None = None,
        email: str | None = None,
        sha256: str | None = None,
        sha1: str | None = None,
        md5: str | None = None,
        phone: str | None = None,
        visitor_id: str | None = None,
    ) -> "Claims":
        """Check and normalise; None, "" and blanks mean "not given".

        Raises:
            InvalidEmail, InvalidDigest, InvalidPhone, InvalidText, FieldTooLong: the field is not what it should be.
            PlaceholderIdentifier: the field holds something like `undefined`, or a visitor id that is a daily hash.
            ContradictoryIdentifiers: a digest is not one of the email beside it.
        """
        claims = cls(
            parse_opaque("externalId", external_id) if external_id else None,
            normalise_email(email) if email else None,
            parse_digest("sha256", sha256, 32) if sha256 else None,
            parse_digest("sha1", sha1, 20) if sha1 else None,
            parse_digest("md5", md5, 16) if md5 else None,
            normalise_phone(phone) if phone else None,
            _parse_visitor(visitor_id) if visitor_id else None,
        )
        if claims.email and (md5 or sha1 or sha256):
            claims.check_digests()
        return claims

    def check_digests(self) -> None:
        """Raise ContradictoryIdentifiers where a digest is of no form of the email."""
        forms = email_digests(self.email or "")
        for field in ("sha256", "sha1", "md5"):
            given = getattr(self, field)
            if given is not None and all(getattr(digests, field) != given for digests in forms):
                raise ContradictoryIdentifiers(field=field)


NOBODY = Claims()

MAX_IDENTIFIER = 256


def email_digests(email: str) -> list[Digests]:
    """The digests of a normalised email in every platform's form, strict first; forms that do not differ once."""
    return [_digests(form, text) for form, text in email_forms(email)]


def email_forms(email: str) -> list[tuple[Form, str]]:
    """A normalised email as every platform writes it before hashing, strict first; forms that do not differ once."""
    local, _, domain = email.rpartition("@")
    forms = [(Form.STRICT, email)]
    if domain in ("gmail.com", "googlemail.com"):
        undotted = local.replace(".", "")
        google = f"{undotted}@{domain}"
        untagged = f"{undotted.partition('+')[0]}@{domain}"
        if google != email:
            forms.append((Form.GOOGLE, google))  # an earlier rule of Google's keeps what follows the `+`
        if untagged not in (email, google):
            forms.append((Form.UID2 if domain == "gmail.com" else Form.GOOGLE, untagged))
    return forms


def _digests(form: Form, text: str) -> Digests:
    raw = text.encode()
    return Digests(
        form,
        hashlib.sha256(raw).digest(),
        hashlib.sha1(raw, usedforsecurity=False).digest(),
        hashlib.md5(raw, usedforsecurity=False).digest(),
    )


def parse_digest(field: str, text: str, size: int) -> bytes | None:
    """A digest of `size` bytes from hexadecimal of either case or from Base64; None for that of an empty text.

    Raises:
        InvalidDigest: the text is neither.
        PlaceholderIdentifier: it is all zeros, or it is or was made of something a client sent by mistake.
    """
    text = text.strip()
    if not text:
        return None
    try:
        digest = bytes.fromhex(text) if len(text) == 2 * size else _from_base64(text)
    except ValueError:
        digest = b""
    if len(digest) != size:
        _refuse_placeholder(field, text)
        raise InvalidDigest(field=field, bytes=size, hex=2 * size)
    made_of = digest_of_nothing(digest)
    if made_of is None:
        return digest
    if not any(digest):
        raise PlaceholderIdentifier(field=field, value="all zeros")
    if made_of:
        raise PlaceholderIdentifier(field=field, value=f"the digest of {made_of[:40]}")
    return None


def _from_base64(text: str) -> bytes:
    padded = text.rstrip("=").translate(_URL_SAFE)
    return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)


_URL_SAFE = str.maketrans("-_", "+/")


def normalise_phone(text: str) -> str | None:
    """A telephone number in E.164, such as `+14155550100`; None where the trimmed text is empty.

    Raises:
        InvalidPhone: the text is no number, or lacks its country code.
        PlaceholderIdentifier: the text is something a client sent by mistake.
        RoundedIdentifier: a spreadsheet has rounded the number.
    """
    text = _cleaned(text)
    if not text:
        return None
    _refuse_placeholder("phone", text)
    _refuse_rounded("phone", text)
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise InvalidPhone from None
    if _is_made_up(number):
        raise PlaceholderIdentifier(field="phone", value=text[:40])
    if not phonenumbers.is_possible_number(number):
        raise InvalidPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_made_up(number: phonenumbers.PhoneNumber) -> bool:
    """Whether it is one digit repeated, or all digits in their order. Some countries have given out such numbers."""
    digits = str(number.national_number)
    plain = len(set(digits)) == 1 or digits in "01234567890"
    return plain and not phonenumbers.is_valid_number(number)


def phone_forms(phone: str) -> tuple[str, str]:
    """A number in E.164 as platforms write it before hashing: Google and UID2 with the `+`, Meta without."""
    return phone, phone.removeprefix("+")


def parse_opaque(field: str, text: str) -> str | None:
    """An id that is only ever compared, trimmed; None where the trimmed text is empty.

    Raises:
        FieldTooLong, InvalidText: the id cannot be stored.
        PlaceholderIdentifier: the id is something a client sent by mistake.
        RoundedIdentifier: the id is a number that a spreadsheet or a float has rounded.
    """
    text = text.strip()
    if len(text) <= MAX_IDENTIFIER and is_usual(text) and not _ROUNDED.fullmatch(text):
        return text  # nearly always
    text = _cleaned(text)
    if not text:
        return None
    if len(text) > MAX_IDENTIFIER:
        raise FieldTooLong(field=field, limit=MAX_IDENTIFIER)
    if "\0" in text or (not text.isascii() and _HALF_PAIR.search(text)):
        raise InvalidText(field=field)
    _refuse_placeholder(field, text)
    _refuse_rounded(field, text)
    return text


def _cleaned(text: str) -> str:
    """Trimmed, in the form NFC, without invisible characters, and without the marks of a text in a spreadsheet."""
    text = text.strip()
    if not text.isascii():
        text = without_invisible(text).strip()
    return unguarded(text) if text[:1] in MARKS else text


def _refuse_rounded(field: str, text: str) -> None:
    if text[0] in "+-0123456789" and _ROUNDED.fullmatch(text):
        raise RoundedIdentifier(field=field, value=text[:40])


# As spreadsheets (`7.01E+12`, `7,01E+12`) and programs (`1e+21`, `9.007199254740992E15`) write a large number, and
# beyond 16 digits with a fraction: a float holds 15 to 17. `12e5` may be hexadecimal.
_ROUNDED = re.compile(r"[-+]?(?:\d+[.,]\d+e[-+]?\d{1,3}|\de\+\d{1,3}|\d{16,}[.,]0*)", re.IGNORECASE)


def _parse_visitor(text: str) -> str | None:
    """A visitor id. A daily hash is refused: several visitors may share it, and tomorrow it is somebody else's."""
    visitor_id = parse_opaque("visitorId", text)
    if visitor_id and visitor_id.startswith(DAILY):
        raise PlaceholderIdentifier(field="visitorId", value=visitor_id[:40])
    return visitor_id


_HALF_PAIR = re.compile("[\ud800-\udfff\ufffd]")  # a surrogate, which no encoding can write, or what stands for one


def _refuse_placeholder(field: str, text: str) -> None:
    if is_nothing(text):
        raise PlaceholderIdentifier(field=field, value=text[:40])


class Index:
    """Turns identifiers into the keys under which the directory knows them.

    A key is BLAKE2b (RFC 7693) of app, kind and value, keyed with a secret of this server. Without the secret nobody
    can try a list of addresses against a stolen database. A key has 16 bytes: among 100,000,000 identifiers the chance
    that any two share a key is below 1e-22.

    Beside the keys of an email or a telephone number, the contact itself is stored, unless the index is not `readable`.
    """

    def __init__(self, secret: bytes, *, readable: bool = True) -> None:
        self._secret = secret
        self.readable = readable
        self._begun: dict[int, list[hashlib.blake2b]] = {}

    def key(self, app: int, kind: int, value: bytes) -> bytes:
        """The key of one identifier of one app."""
        keyed = (self._begun.get(app) or self._begin(app))[kind].copy()
        keyed.update(value)
        return keyed.digest()

    def _begin(self, app: int) -> list["hashlib.blake2b"]:
        """The state of the hash after the part that all identifiers of an app share, by kind."""
        self._begun[app] = [
            hashlib.blake2b(b"%d:%d:" % (app, kind), key=self._secret, digest_size=16)
            for kind in range(IdentifierKind.VISITOR_ID + 1)
        ]
        return self._begun[app]


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One key of a person, and the identifier it was made of."""

    key: bytes
    kind: int  # one of `Kind`
    form: int  # the number of a `Form`, or NO_EMAIL
    given: str  # the word of the contract's enum `Identifier` for what the caller gave
    contact: str | None  # the email or telephone number itself
    lone: bool  # no stored contact exists from which it could be made again


def keys_of(claims: Claims, app: int, index: Index, further_emails: Iterable[str] = ()) -> list[Known]:
    """Every key of the claims, strongest first: external id, email and digests, phone, weaker forms of emails, visitor.

    A digest is looked up as it came. The directory knows the form of the email that it was made of.
    """
    named: list[_Named] = []
    weaker: list[_Named] = []
    if claims.external_id:
        named.append((IdentifierKind.EXTERNAL_ID, claims.external_id.encode(), "EXTERNAL_ID", NO_EMAIL, None))
    for email in (claims.email, *further_emails) if claims.email else further_emails:
        for of_form, sha256, sha1, md5 in email_digests(email):
            form = int(of_form)
            some = weaker if form else named
            some.append((IdentifierKind.SHA256, sha256, "EMAIL", form, email))
            some.append((IdentifierKind.SHA1, sha1, "EMAIL", form, email))
            some.append((IdentifierKind.MD5, md5, "EMAIL", form, email))
    if not claims.email:
        named += _named_by_digest(claims)
    if claims.phone:
        named.append((IdentifierKind.PHONE, claims.phone.encode(), "PHONE", NO_EMAIL, claims.phone))
        for text in phone_forms(claims.phone):  # only SHA-256: no platform hashes telephone numbers otherwise
            digest = hashlib.sha256(text.encode()).digest()
            named.append((IdentifierKind.SHA256, digest, "PHONE", NO_EMAIL, claims.phone))
    named += weaker
    if claims.visitor_id:
        named.append((IdentifierKind.VISITOR_ID, claims.visitor_id.encode(), "VISITOR_ID", NO_EMAIL, None))
    readable, key = index.readable, index.key
    known: list[Known] = []
    for kind, value, given, form, contact in named:  # no comprehension: it is a call of its own, and most have one key
        known.append(Known(key(app, kind, value), kind, form, given, contact, not (readable and contact)))
    return known


_Named = tuple[int, bytes, str, int, str | None]  # kind, value, given, form, contact


def _named_by_digest(claims: Claims) -> list[_Named]:
    named: list[_Named] = []  # no generator: most pageviews have one digest
    if claims.sha256:
        named.append((IdentifierKind.SHA256, claims.sha256, "SHA256", _AS_GIVEN, None))
    if claims.sha1:
        named.append((IdentifierKind.SHA1, claims.sha1, "SHA1", _AS_GIVEN, None))
    if claims.md5:
        named.append((IdentifierKind.MD5, claims.md5, "MD5", _AS_GIVEN, None))
    return named
