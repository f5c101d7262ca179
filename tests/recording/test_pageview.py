"""Checking pageviews: the row of a valid one, and the refusals of others."""

import gc
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heropixel.directory.users import User
from heropixel.errors import (
    DomainNotAuthorized,
    InvalidDomain,
    InvalidTimestamp,
    Refusal,
)
from heropixel.identity.identifiers import Claims, Form
from heropixel.identity.resolve import NO_CONSENT, NOT_KNOWN, Lookup, Resolution
from heropixel.recording.pageview import TEXT_LIMITS, Entry, Pageview, PageviewEvent
from heropixel.values import MAX_OBJECT
from tests.recording.parsing import NOW, PIXEL, line, parse

DAY = 86_400_000


def test_the_least_that_can_be_sent_is_a_pageview_of_now() -> None:
    pageview = parse()
    assert pageview.question == Lookup(3, Claims(), None)
    assert pageview.guarded is False
    assert re.fullmatch("[0-9a-f]{32}", pageview.row.event_id)
    assert pageview.row == Entry(
        app=3,
        pixel_id=7,
        timestamp=str(NOW),
        received=str(NOW),
        event_id=pageview.row.event_id,
        domain="example.com",
    )


def test_a_pageview_that_waits_holds_nothing_for_the_garbage_collector() -> None:
    waiting = parse()
    assert [held for held in (waiting, waiting.row, waiting.question, waiting.warnings) if gc.is_tracked(held)] == []


def test_every_pageview_gets_an_id_of_its_own_unless_the_caller_gives_one() -> None:
    assert len({parse().row.event_id for _ in range(1000)}) == 1000
    assert (parse(event_id="").guarded, parse(event_id="mine").guarded) == (False, True)
    assert parse(event_id="mine").row.event_id == "mine"


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.Com", "example.com"),
        (" example.com ", "example.com"),
        ("example.com.", "example.com"),
        ("shop.example.com", "shop.example.com"),
        ("a.b.c.example.com.", "a.b.c.example.com"),
        ("example.co.uk", "example.co.uk"),
        ("shop.example.co.uk", "shop.example.co.uk"),
        ("www.only.example.org", "www.only.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("läden.bücher.example", "xn--lden-loa.xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("app.localhost", "app.localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        # written as an address
        ("https://example.com", "example.com"),
        ("https://shop.example.com:8443/tea?a=1#b", "shop.example.com"),
        ("//example.com/", "example.com"),
        ("example.com/tea", "example.com"),
        ("example.com:443", "example.com"),
        ("http://user:secret@example.com/", "example.com"),
        ("https://[2001:db8::1]:8080/", "2001:db8::1"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("capacitor://localhost", "localhost"),
        ("ionic://localhost/tabs/home", "localhost"),
        ("http://localhost:8100", "localhost"),
        # names that are not by the book, and exist
        ("my_shop.example.com", "my_shop.example.com"),
        ("a.my_shop_.example.com", "a.my_shop_.example.com"),
        ("💩.example.com", "xn--ls8h.example.com"),
        ("i❤️.EXAMPLE.com", "xn--i-7iq.example.com"),
        ("xn--ls8h.example.com", "xn--ls8h.example.com"),
        ("läden_1.example.com", "xn--lden_1-bua.example.com"),
    ],
)
def test_an_authorised_domain_is_kept_as_the_host_it_is(domain: str, host: str) -> None:
    assert parse(domain=domain).row.domain == host


@pytest.mark.parametrize(
    "domain",
    ["example.org", "notexample.com", "example.com.evil.org", "com", "co.uk", "only.example.org"]
    + ["x.www.only.example.org", "bucher.example", "127.0.0.2", "1.127.0.0.1", "::1", "example"],
)
def test_a_domain_of_another_owner_is_not_authorised(domain: str) -> None:
    with pytest.raises((DomainNotAuthorized, InvalidDomain)) as refused:
        parse(domain=domain)
    assert refused.type is (InvalidDomain if domain == "1.127.0.0.1" else DomainNotAuthorized)


@pytest.mark.parametrize(
    "domain",
    ["", " ", ".", "example.com..", ".example.com", "exam ple.com", "https://", "/example.com", "example.com:a"]
    + [
        "file:///index.html",
        "about:blank",
        "user@example.com",
        "*.example.com",
        "-a.example.com",
        "a-.example.com",
        "a..example.com",
    ]
    + [
        "x" * 64 + ".example.com",
        "x." * 130 + "example.com",
        "1.2.3",
        "exa\0mple.com",
        "\ud800.example.com",
        "💩\ud800",
    ],
)
def test_what_is_no_host_name_is_refused(domain: str) -> None:
    with pytest.raises(InvalidDomain):
        parse(domain=domain)


@pytest.mark.parametrize(
    ("timestamp", "milliseconds"),
    [
        (None, NOW),
        ("", NOW),
        (NOW, NOW),
        (NOW // 1000, 1_800_000_000_000),
        (NOW / 1000, NOW),
        (1_800_000_000.5, 1_800_000_000_500),
        (1.8e9, 1_800_000_000_000),
        (1.8e12, 1_800_000_000_000),
        (str(NOW), NOW),
        ("1800000000", 1_800_000_000_000),
        ("1800000000.25", 1_800_000_000_250),
        (NOW - 30 * DAY, NOW - 30 * DAY),
        (NOW + 600_000, NOW + 600_000),
        ((NOW - 30 * DAY) / 1000, NOW - 30 * DAY),
        ((NOW + 600_000) / 1000, NOW + 600_000),
    ],
)
def test_a_timestamp_is_seconds_or_milliseconds(timestamp: Any, milliseconds: int) -> None:
    row = parse(timestamp=timestamp).row
    assert (row.timestamp, row.received) == (str(milliseconds), str(NOW))


@pytest.mark.parametrize(
    "timestamp",
    [NOW - 30 * DAY - 1, NOW + 600_001, (NOW - 30 * DAY - 1) / 1000, (NOW + 600_001) / 1000, 0, 1, -1, -NOW, 10**12]
    + [1e300, 10**400, float("nan"), float("inf"), float("-inf"), "nan", "inf", "1e999", "9" * 5000, "now", " ", "0"]
    + ["2027-01-15T08:00:00+", "0x6b49d200", "1800000000s", "1_800_000_000", "\0", "\ud800"],
)
def test_what_is_no_time_or_too_far_from_now_is_refused(timestamp: Any) -> None:
    with pytest.raises(InvalidTimestamp):
        parse(timestamp=timestamp)


def test_what_is_imported_may_have_happened_long_ago() -> None:
    def at(timestamp: int) -> str:
        return Pageview.parse(PageviewEvent(7, "example.com", timestamp=timestamp), PIXEL, NOW, since).row.timestamp

    since = 631_152_000_000
    assert (at(since), at(NOW + 600_000)) == (str(since), str(NOW + 600_000))
    for timestamp in (since - 1, NOW + 600_001):
        with pytest.raises(InvalidTimestamp):
            at(timestamp)


@pytest.mark.parametrize("name", TEXT_LIMITS)
def test_a_text_is_kept_as_it_comes_up_to_its_length(name: str) -> None:
    limit = TEXT_LIMITS[name]
    for text in ("x", " Zoë ✓ 💩 ", "null", "x" * limit, "ü" * limit, "a\nb\t\"'\\"):
        pageview = parse(**{name: text})
        assert (getattr(pageview.row, name), list(pageview.warnings)) == (text, [])
    if name != "event_id":
        assert getattr(parse(**{name: ""}).row, name) == ""


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        (None, ""),
        ("", ""),
        ({}, "{}"),
        ({"a": 1, "b": [None, True, 1.5, "ü"], "c": {"d": {}}}, '{"a":1,"b":[null,true,1.5,"ü"],"c":{"d":{}}}'),
        ({"a": 10**30}, '{"a":1000000000000000000000000000000}'),
        ({"a": "\\u0000"}, r'{"a":"\\u0000"}'),
        ({"a": "x" * (MAX_OBJECT - 8)}, '{"a":"' + "x" * (MAX_OBJECT - 8) + '"}'),
    ],
)
def test_properties_are_kept_as_json(properties: Any, kept: str) -> None:
    assert parse(properties=properties).row.properties == kept


@pytest.mark.parametrize("ip", ["", "203.0.113.9", " 203.0.113.9 ", "2001:db8::1", "::ffff:203.0.113.9"])
def test_an_address_is_checked_and_never_kept(ip: str) -> None:
    pageview = parse(ip=ip)
    assert not ip.strip() or ip.strip().encode() not in line(pageview, NOT_KNOWN)


ANN = User(5, "c-1", None, NOW)


@pytest.mark.parametrize(
    ("resolution", "who"),
    [
        (NOT_KNOWN, {"resolution": "NOT_KNOWN"}),
        (NO_CONSENT, {"resolution": "NO_CONSENT"}),
        (Resolution(user=ANN, via=ANN.id, created=True), {"user_id": 5, "resolution": "CREATED"}),
        (
            Resolution(user=ANN, via=ANN.id, matched_on="PHONE", unlinked=True),  # not their browser
            {"user_id": 5, "resolution": "FOUND", "matched_on": "PHONE", "unlinked_from": 5},
        ),
        (
            Resolution(user=ANN, via=ANN.id, matched_on="EMAIL", form=Form.GOOGLE),
            {"user_id": 5, "resolution": "FOUND", "matched_on": "EMAIL", "normalisation": "GOOGLE"},
        ),
    ],
)
def test_a_row_is_json_with_its_user(resolution: Resolution, who: dict[str, Any]) -> None:
    pageview = parse(event_id="e-1", title='"Zoë"', timestamp=NOW - 1000)
    assert msgspec.json.decode(line(pageview, resolution)) == {
        "app": 3,
        "pixel_id": 7,
        "timestamp": str(NOW - 1000),
        "received": str(NOW),
        "event_id": "e-1",
        "domain": "example.com",
        "title": '"Zoë"',
        **who,
    }


ANY_TEXT = st.text(st.characters(codec=None)) | st.sampled_from(["", "\0", "\ud800", "example.com", "0", "{{x}}"])

ANY_EVENT = st.fixed_dictionaries(
    {"domain": st.just("example.com") | ANY_TEXT},
    optional={
        **dict.fromkeys(
            (name for name in PageviewEvent.__struct_fields__ if name not in ("pixel_id", "domain")), ANY_TEXT
        ),
        "consent": st.none() | st.booleans(),
        "timestamp": st.none() | ANY_TEXT | st.integers() | st.floats(),
        "properties": st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
            lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
            max_leaves=5,
        ),
    },
)


@given(event=ANY_EVENT)
def test_whatever_comes_is_a_row_or_a_refusal(event: dict[str, Any]) -> None:
    try:
        pageview = parse(**event)
    except Refusal as refusal:
        refusal.message.encode("utf-8", "surrogatepass")
        return
    row = msgspec.json.decode(line(pageview, NOT_KNOWN))
    assert row["event_id"] == pageview.row.event_id
