"""Whether a visitor may be recognised: every combination of consent, cookie, privacy signal and consent mode."""

from itertools import product

import pytest

from heropixel.browser.consent import (
    NO_COOKIE,
    Consent,
    Cookie,
    asks_for_privacy,
    consent_of,
    erase_cookie,
    is_visitor_id,
    new_visitor_id,
    set_cookie,
)
from heropixel.directory.consent_modes import ConsentMode

ID = "hp1.0123456789abcdef0123456789abcdef"
OTHER = "hp1.ffffffffffffffffffffffffffffffff"

YES = Consent(allowed=True, said=True)  # recognised, recorded as given
IMPLIED = Consent(allowed=True, said=None)  # recognised, recorded as unknown
GIVEN_IN_VAIN = Consent(allowed=False, said=True)
UNKNOWN = Consent(allowed=False, said=None)
NO = Consent(allowed=False, said=False)

KEPT = {
    "nothing": NO_COOKIE,
    "an id": Cookie(visitor_id=ID),
    "a refusal": Cookie(refused=True),
    "both": Cookie(visitor_id=ID, refused=True),
}
# What the script says now, what the browser keeps: what it comes to in each mode.
COMES_TO = [
    #      now    kept         REQUIRED IMPLIED  NONE
    (None, "nothing", UNKNOWN, IMPLIED, UNKNOWN),
    (None, "an id", YES, IMPLIED, UNKNOWN),
    (None, "a refusal", NO, NO, NO),
    (None, "both", NO, NO, NO),
    (True, "nothing", YES, YES, GIVEN_IN_VAIN),
    (True, "an id", YES, YES, GIVEN_IN_VAIN),
    (True, "a refusal", YES, YES, GIVEN_IN_VAIN),
    (True, "both", YES, YES, GIVEN_IN_VAIN),
    (False, "nothing", NO, NO, NO),
    (False, "an id", NO, NO, NO),
    (False, "a refusal", NO, NO, NO),
    (False, "both", NO, NO, NO),
]


@pytest.mark.parametrize(("said", "kept", "required", "implied", "none"), COMES_TO)
def test_consent_given_now_overrides_the_cookie_and_the_mode_decides_without_either(
    said: bool | None, kept: str, required: Consent, implied: Consent, none: Consent
) -> None:
    for mode, expected in (("REQUIRED", required), ("IMPLIED", implied), ("NONE", none)):
        assert consent_of(mode, said, KEPT[kept], private=False) == expected, mode


def test_no_combination_was_forgotten() -> None:
    assert {(said, kept) for said, kept, *_ in COMES_TO} == {*product((None, True, False), KEPT)}
    assert [*ConsentMode] == ["REQUIRED", "IMPLIED", "NONE"]


def test_asking_for_privacy_and_having_opted_out_win_over_everything() -> None:
    for mode, said, cookie in product(ConsentMode, (None, True, False), KEPT.values()):
        assert consent_of(mode, said, cookie, private=True) == NO
        for private in (True, False):
            assert consent_of(mode, said, cookie._replace(opted_out=True), private=private) == NO


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"", NO_COOKIE),
        (b"a=b; c=d", NO_COOKIE),
        (f"heropixel={ID}".encode(), Cookie(ID)),
        (f"a=b; heropixel={ID}; c=d".encode(), Cookie(ID)),
        (f"a=b;heropixel={ID};c=d".encode(), Cookie(ID)),
        (f' heropixel = "{ID}" ;c=d'.encode(), Cookie(ID)),
        (b"heropixel=no", Cookie(refused=True)),
        (b"heropixel=out", Cookie(opted_out=True)),
        (b'heropixel="out"', Cookie(opted_out=True)),
        # Several: of a host and of the domain above it.
        (f"heropixel={ID}; heropixel={OTHER}".encode(), Cookie(ID)),
        (f"heropixel={ID}, heropixel={OTHER}, a=b".encode(), Cookie(ID)),
        (f"heropixel=nonsense; heropixel={OTHER}".encode(), Cookie(OTHER)),
        (f"heropixel={ID}; heropixel=no; heropixel=out".encode(), Cookie(ID, refused=True, opted_out=True)),
        # Not ours, or not whole.
        (f"notheropixel={ID}".encode(), NO_COOKIE),
        (f"heropixels={ID}".encode(), NO_COOKIE),
        (f"my-heropixel=no; x.heropixel=out; HeroPixel={ID}".encode(), NO_COOKIE),
        (f"other=heropixel={ID}".encode(), NO_COOKIE),
        (b"heropixel", NO_COOKIE),
        (b"heropixel=", NO_COOKIE),
        (b'heropixel="', NO_COOKIE),
        (b"heropixel=;heropixel==no", NO_COOKIE),
        (b"heropixel=nope; heropixel=outer; heropixel=NO", NO_COOKIE),
        (f"heropixel={ID}0".encode(), NO_COOKIE),
        (f"heropixel={ID[:-1]}".encode(), NO_COOKIE),
        (f"heropixel={ID.upper()}".encode(), NO_COOKIE),
        (b"heropixel=hp1." + b"\xff" * 32, NO_COOKIE),
        (b"heropixel=\xff\x00\r\n; \xf0\x9f", NO_COOKIE),
        (b"heropixel=" + b"a" * 100_000, NO_COOKIE),
        (b"heropixel=;" * 10_000 + f"heropixel={ID}".encode(), Cookie(ID)),
        (b"heropixel \t" * 10_000, NO_COOKIE),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_cookie_header_is_read_and_its_invalid_parts_are_ignored(header: bytes, expected: Cookie) -> None:
    assert Cookie.parse(header) == expected


@pytest.mark.parametrize(
    ("headers", "private"),
    [
        ({}, False),
        ({b"sec-gpc": b"1"}, True),
        ({b"dnt": b"1"}, True),
        ({b"sec-gpc": b"0", b"dnt": b"1"}, True),
        ({b"sec-gpc": b"1, 1"}, True),
        ({b"dnt": b"1xx"}, True),
        ({b"sec-gpc": b"0", b"dnt": b"0"}, False),
        ({b"sec-gpc": b"", b"dnt": b"null"}, False),
        ({b"sec-gpc": b"?1"}, False),
        ({b"other": b"1"}, False),
    ],
)
def test_a_browser_asks_for_privacy_by_either_signal(headers: dict[bytes, bytes], private: bool) -> None:
    assert asks_for_privacy(headers) is private


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example.com", "Domain=example.com; "),
        ("example.com", "Domain=example.com; "),
        ("www.shop.example.co.uk", "Domain=example.co.uk; "),
        ("xn--bcher-kva.example", "Domain=xn--bcher-kva.example; "),
        ("shop.intranet.corp", "Domain=intranet.corp; "),
        ("anna.github.io", "Domain=anna.github.io; "),
        ("github.io", ""),  # everybody's
        ("co.uk", ""),
        ("localhost", ""),
        ("intranet", ""),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("2001:db8::1", ""),
    ],
)
def test_the_cookie_is_of_the_whole_site_where_a_browser_takes_that(host: str, domain: str) -> None:
    assert set_cookie(ID, host, secure=True).decode() == (
        f"heropixel={ID}; Max-Age=34190000; {domain}Path=/; SameSite=Lax; Secure"
    )
    assert set_cookie("no", host, secure=False).decode() == (
        f"heropixel=no; Max-Age=34190000; {domain}Path=/; SameSite=Lax"
    )
    # The same name, domain and path: otherwise the browser would keep what was set.
    assert erase_cookie(host, secure=True).decode() == f"heropixel=; Max-Age=0; {domain}Path=/; SameSite=Lax; Secure"
    assert erase_cookie(host, secure=False).decode() == f"heropixel=; Max-Age=0; {domain}Path=/; SameSite=Lax"


def test_a_new_visitor_id_is_one_and_never_the_same() -> None:
    made = {new_visitor_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_visitor_id(one) for one in made)
    assert Cookie.parse(f"heropixel={new_visitor_id()}".encode()).visitor_id


@pytest.mark.parametrize(
    "text", ["", "no", "hp1.", ID[4:], f"{ID}\n", f" {ID}", ID.upper(), f"{ID}0", "daily:" + ID[4:]]
)
def test_an_invalid_visitor_id_is_ignored(text: str) -> None:
    assert not is_visitor_id(text)
