"""Normalising, hashing and refusing identifiers."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from heropixel.errors import (
    ContradictoryIdentifiers,
    FieldTooLong,
    InvalidDigest,
    InvalidEmail,
    InvalidPhone,
    InvalidText,
    PlaceholderIdentifier,
    Refusal,
)
from heropixel.identity.emails import normalise_email
from heropixel.identity.identifiers import (
    Claims,
    Form,
    IdentifierKind,
    Index,
    email_digests,
    keys_of,
    normalise_phone,
    parse_digest,
    phone_forms,
)


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  Anna@EXAMPLE.com\n", "anna@example.com"),
        ("a.b+c@Example.co.uk", "a.b+c@example.co.uk"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@BÜCHER.example", "anna@xn--bcher-kva.example"),
        ("j.doe@gmail.com", "j.doe@gmail.com"),
        ("o'neil@example.com", "o'neil@example.com"),
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("", None),
        (" \t", None),
    ],
)
def test_an_email_is_trimmed_in_lower_case_and_its_domain_in_punycode(given: str, normalised: str | None) -> None:
    assert normalise_email(given) == normalised


@pytest.mark.parametrize(
    "given",
    [
        *("anna", "anna@", "@example.com", "a b@example.com", "anna@example", "anna@@example.com", "anna@.com"),
        *("a@b..com", "anna.@example.com", ".anna@example.com", "anna@-example.com", "anna@exam ple.com"),
        *("x" * 243 + "@example.com", "ü" * 255 + "@example.com", "a@" + "x" * 250 + ".com", "anna@example.com\0"),
        *("<anna@example.com>", "mailto:anna@example.com", "a@b.c, d@e.f", "\ud800@example.com"),
    ],
)
def test_what_is_no_email_is_refused(given: str) -> None:
    with pytest.raises(InvalidEmail):
        normalise_email(given)


VECTORS = json.loads((Path(__file__).parents[1] / "vectors/emails.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: repr(vector["given"])[:40])
def test_the_server_hashes_an_email_as_the_script_does(vector: dict[str, str | None]) -> None:
    """The script is tried with the same emails in tests/chromium/test_calls.py."""
    try:
        normalised = normalise_email(vector["given"] or "")
    except Refusal:
        normalised = None
    assert normalised == vector["normalised"]
    digest = email_digests(normalised)[0].sha256.hex() if normalised else None
    assert digest == vector["sha256"]


@pytest.mark.parametrize(
    ("email", "forms"),
    [
        ("anna@example.com", {Form.STRICT: "anna@example.com"}),
        ("j.doe+x@example.com", {Form.STRICT: "j.doe+x@example.com"}),
        ("jdoe@gmail.com", {Form.STRICT: "jdoe@gmail.com"}),
        ("j.doe@gmail.com", {Form.STRICT: "j.doe@gmail.com", Form.GOOGLE: "jdoe@gmail.com"}),
        (
            "jane.doe+home@gmail.com",
            {
                Form.STRICT: "jane.doe+home@gmail.com",
                Form.GOOGLE: "janedoe+home@gmail.com",
                Form.UID2: "janedoe@gmail.com",
            },
        ),
        ("jdoe+home@gmail.com", {Form.STRICT: "jdoe+home@gmail.com", Form.UID2: "jdoe@gmail.com"}),
        ("j.doe@googlemail.com", {Form.STRICT: "j.doe@googlemail.com", Form.GOOGLE: "jdoe@googlemail.com"}),
    ],
)
def test_each_platforms_form_is_hashed_where_it_differs(email: str, forms: dict[Form, str]) -> None:
    digests = {digests.form: digests for digests in email_digests(email)}
    assert digests.keys() == forms.keys()
    for form, text in forms.items():
        assert digests[form].sha256 == hashlib.sha256(text.encode()).digest()
        assert digests[form].sha1 == hashlib.sha1(text.encode()).digest()
        assert digests[form].md5 == hashlib.md5(text.encode()).digest()


# UID2, "Normalization and Encoding"; Meta, "Customer Information Parameters".
PUBLISHED = [
    ("user@example.com", "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="),
    ("JANESaoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("Jane.Saoirse@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("JaneSaoirse+UID2@gmail.com", "ku4mBX7Z3qJTXWyLFB1INzkyR2WZGW4ANSJUiW21iI8="),
    ("John_Smith@gmail.com", "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"),
]


@pytest.mark.parametrize(("address", "published"), PUBLISHED)
def test_the_published_digest_of_an_address_is_among_ours(address: str, published: str) -> None:
    ours = email_digests(normalise_email(address) or "")
    assert parse_digest("sha256", published, 32) in {digests.sha256 for digests in ours}


@pytest.mark.parametrize(
    ("phone", "published"),
    [
        ("+1 (234) 567-8901", "EObwtHBUqDNZR33LNSMdtt5cafsYFuGmuY4ZLenlue4="),  # UID2, with the +
        ("+1 (650) 555-1212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"),  # Meta, without
    ],
)
def test_the_published_digest_of_a_telephone_number_is_among_ours(phone: str, published: str) -> None:
    ours = {hashlib.sha256(text.encode()).digest() for text in phone_forms(normalise_phone(phone) or "")}
    assert parse_digest("sha256", published, 32) in ours


DIGESTS = {"md5": 16, "sha1": 20, "sha256": 32}


@pytest.mark.parametrize(("field", "size"), DIGESTS.items())
def test_a_digest_comes_in_hexadecimal_of_either_case_or_in_base64(field: str, size: int) -> None:
    digest = hashlib.new(field, b"anna@example.com").digest()
    padded = base64.b64encode(digest).decode()
    url_safe = base64.urlsafe_b64encode(digest).decode()
    for text in (digest.hex(), digest.hex().upper(), f" {digest.hex()} ", padded, padded.rstrip("="), url_safe):
        assert parse_digest(field, text, size) == digest


@pytest.mark.parametrize(("field", "size"), DIGESTS.items())
def test_the_digest_of_nothing_is_nobodys(field: str, size: int) -> None:
    assert parse_digest(field, hashlib.new(field, b"").hexdigest(), size) is None
    assert parse_digest(field, " ", size) is None


@pytest.mark.parametrize(
    "text", ["x", "6b56", "g" * 32, "6b56db1f84a3997b902509d3fbf0a30", "6b56db1f84a3997b902509d3fbf0a306ff", "é" * 32]
)
def test_what_is_no_digest_is_refused_by_field_and_length(text: str) -> None:
    with pytest.raises(InvalidDigest, match="md5 is not a digest of 16 bytes"):
        parse_digest("md5", text, 16)


PLACEHOLDERS = [
    "null",
    "undefined",
    "none",
    "anonymous",
    "guest",
    "0",
    "000",
    "{{email}}",
    "{{ user.email }}",
    "${email}",
]
FIELDS = {
    "externalId": "external_id",
    "email": "email",
    "md5": "md5",
    "sha1": "sha1",
    "sha256": "sha256",
    "phone": "phone",
    "visitorId": "visitor_id",
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "value", [*PLACEHOLDERS, "%%EMAIL%%", "[object Object]", "(not set)", "00000000-0000-0000-0000-000000000000"]
)
def test_a_placeholder_is_refused_as_an_identifier(field: str, value: str) -> None:
    for written in (value, value.upper(), f"  {value} "):
        with pytest.raises(PlaceholderIdentifier, match=field):
            Claims.parse(**{FIELDS[field]: written})


def test_a_hash_of_the_day_is_refused_as_a_visitor_id() -> None:
    with pytest.raises(PlaceholderIdentifier, match="visitorId"):
        Claims.parse(email="ann@example.com", visitor_id=" daily:" + "a" * 32)
    assert Claims.parse(external_id="daily:report").external_id == "daily:report"


@pytest.mark.parametrize(("field", "size"), DIGESTS.items())
def test_a_digest_of_zeros_is_refused(field: str, size: int) -> None:
    with pytest.raises(PlaceholderIdentifier, match="all zeros"):
        parse_digest(field, "0" * 2 * size, size)


@pytest.mark.parametrize(
    ("given", "normalised"),
    [
        ("+1 (415) 555-0100", "+14155550100"),
        ("0041 44 668 18 00", "+41446681800"),
        ("+41446681800", "+41446681800"),
        ("", None),
    ],
)
def test_a_phone_is_put_in_e164(given: str, normalised: str | None) -> None:
    assert normalise_phone(given) == normalised


@pytest.mark.parametrize("given", ["044 668 18 00", "12", "+1", "phone", "+999999999999999999"])
def test_a_phone_without_its_country_code_is_refused(given: str) -> None:
    with pytest.raises(InvalidPhone):
        normalise_phone(given)


def test_an_email_and_a_digest_of_another_contradict_each_other() -> None:
    other = hashlib.md5(b"ben@example.com").hexdigest()
    with pytest.raises(ContradictoryIdentifiers, match="md5"):
        Claims.parse(email="anna@example.com", md5=other)


def test_an_email_and_its_digest_in_any_platforms_form_agree() -> None:
    for text in ("jane.doe+home@gmail.com", "janedoe+home@gmail.com", "janedoe@gmail.com"):
        Claims.parse(email="Jane.Doe+home@gmail.com", sha256=hashlib.sha256(text.encode()).hexdigest())


def test_an_empty_string_is_not_given() -> None:
    assert Claims.parse(*[""] * 7) == Claims()
    assert Claims.parse(*[" "] * 7) == Claims()


def test_a_key_depends_on_the_secret_the_app_the_kind_and_the_value() -> None:
    keys = {
        Index(secret).key(app, kind, value)
        for secret in (b"a" * 32, b"b" * 32)
        for app in (1, 11)
        for kind in (IdentifierKind.MD5, IdentifierKind.SHA1)
        for value in (b"x", b"1:x")
    }
    assert len(keys) == 16
    assert {len(key) for key in keys} == {16}


@given(text=st.text() | st.emails())
@example("a@b.c" * 60)
@example("\ud800@example.com")
@example('"a b"@example.com')
def test_any_text_is_normalised_once_or_refused(text: str) -> None:
    for normalise in (normalise_email, normalise_phone, lambda given: parse_digest("md5", given, 16)):
        try:
            normalised = normalise(text)
        except Refusal:
            continue
        if isinstance(normalised, str):
            assert normalise(normalised) == normalised
            assert normalise(f" {normalised} ") == normalised


ANY_TEXT = st.text(st.characters(codec=None)) | st.sampled_from(["\ud800", "\0", "x" * 257, "0", "{{x}}", "", "a@b.co"])


@given(claims=st.fixed_dictionaries({}, optional=dict.fromkeys(Claims.__struct_fields__, ANY_TEXT)))
@example(claims={"external_id": "\ud800"})
@example(claims={"visitor_id": "a\udfff"})
def test_any_claims_have_keys_or_are_refused(claims: dict[str, str]) -> None:
    try:
        parsed = Claims.parse(**claims)
    except Refusal:
        return
    keys = keys_of(parsed, 1, Index(b"k" * 32))
    assert len({known.key for known in keys}) == len(keys)
    assert bool(keys) == (parsed != Claims())


@pytest.mark.parametrize("field", ["externalId", "visitorId"])
def test_an_id_of_yours_is_trimmed_and_has_a_length(field: str) -> None:
    name = FIELDS[field]
    assert getattr(Claims.parse(**{name: " Aé-1 "}), name) == "Aé-1"
    assert getattr(Claims.parse(**{name: "x" * 256}), name) == "x" * 256
    with pytest.raises(FieldTooLong, match=field):
        Claims.parse(**{name: "x" * 257})
    for text in ("a\0b", "\ud800"):
        with pytest.raises(InvalidText, match=field):
            Claims.parse(**{name: text})


@given(email=st.emails(domains=st.sampled_from(["example.com", "gmail.com", "bücher.example"])))
def test_letter_case_and_white_space_make_no_other_person(email: str) -> None:
    try:
        normalised = normalise_email(email)
    except Refusal:
        return
    assert normalise_email(f"\t{email.upper()} ") == normalised
