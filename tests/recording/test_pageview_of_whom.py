"""Checking of whom a pageview is: its claims, its consent, and what is kept of them."""

import re
from typing import Any

import msgspec
import pytest

from heropixel.enrichment import Place, PlaceBasis
from heropixel.errors import (
    ContradictoryIdentifiers,
    FieldTooLong,
    InvalidEmail,
    InvalidText,
    PlaceholderIdentifier,
    Refusal,
)
from heropixel.identity.identifiers import Claims
from heropixel.identity.resolve import BOT, NO_CONSENT, NOT_KNOWN, Lookup
from heropixel.recording.pageview import Pageview, PageviewEvent
from tests.recording.parsing import NOW, PIXEL, line, parse


def test_claims_are_normalised_and_only_the_visitor_is_kept_with_the_pageview() -> None:
    pageview = parse(
        email=" Ann@Example.com", external_id=" c-1 ", phone="+1 415 555 0100", visitor_id=" v-1 ", session_id="s-1"
    )
    assert pageview.question == Lookup(
        3, Claims(external_id="c-1", email="ann@example.com", phone="+14155550100", visitor_id="v-1"), None
    )
    assert (pageview.row.visitor_id, pageview.row.session_id) == ("v-1", "s-1")
    row = line(pageview, NOT_KNOWN)
    assert not any(who in row for who in (b"ann", b"Ann", b"c-1", b"4155550100"))


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ({"email": "nobody"}, InvalidEmail),
        ({"visitor_id": "undefined"}, PlaceholderIdentifier),
        ({"email": "a@example.com", "md5": "ab" * 16}, ContradictoryIdentifiers),
        ({"external_id": "a\0b"}, InvalidText),
        ({"visitor_id": "\ud800"}, InvalidText),
        ({"external_id": "x" * 257}, FieldTooLong),
    ],
)
@pytest.mark.parametrize("consent", [None, True, False])
def test_who_is_wrong_is_refused_with_and_without_consent(
    who: dict[str, str], refusal: type[Refusal], consent: bool | None
) -> None:
    with pytest.raises(refusal):
        parse(**who, consent=consent)


@pytest.mark.parametrize(("consent", "kept"), [(None, "unknown"), (True, "given"), (False, "refused")])
def test_consent_is_stored(consent: bool | None, kept: str) -> None:
    pageview = parse(consent=consent)
    assert (pageview.row.consent, pageview.question.consent) == (kept, consent)


def test_no_secret_and_no_address_of_a_person_is_kept_of_where_it_was_seen() -> None:
    row = parse(
        url="https://example.com/tea?token=abc&page=2",
        canonical="https://example.com/#email=ann",
        referrer="https://ann:pw@example.org/",
        utm_term="ann@example.com",
        utm_source="tea",
    ).row
    assert (row.url, row.canonical, row.referrer) == (
        "https://example.com/tea?page=2",
        "https://example.com/",
        "https://example.org/",
    )
    assert (row.utm_term, row.utm_source) == ("", "tea")


@pytest.mark.parametrize(
    ("given_", "asked", "kept"),
    [
        ({}, [None], ("FR", "Bretagne", "Brest", "ADDRESS")),
        ({"ip": "192.0.2.1"}, ["192.0.2.1"], ("FR", "Bretagne", "Brest", "ADDRESS")),
        ({"country": "DE"}, [], ("DE", "", "", "GIVEN")),
        ({"city": "Berlin", "ip": "192.0.2.1"}, [], ("", "", "Berlin", "GIVEN")),
    ],
)
def test_the_place_is_asked_for_where_the_event_says_nothing_of_it(
    given_: dict[str, str], asked: list[str | None], kept: tuple[str, ...]
) -> None:
    heard: list[str | None] = []

    def where(ip: str | None) -> Place:
        heard.append(ip)
        return Place("FR", "Bretagne", "Brest", PlaceBasis.ADDRESS)

    event = PageviewEvent(**{"pixel_id": 7, "domain": "example.com", **given_})  # type: ignore[arg-type]  # by name
    row = Pageview.parse(event, PIXEL, NOW, where=where).row
    assert heard == asked
    assert (row.country, row.region, row.city, row.place_basis) == kept
    assert "192.0.2.1" not in msgspec.json.encode(row).decode()


def test_where_consent_is_refused_nothing_is_kept_that_joins_the_pageview_to_another() -> None:
    everything = {
        "email": "ann@example.com",
        "external_id": "c-1",
        "phone": "+14155550100",
        "visitor_id": "v-1",
        "session_id": "s-1",
        "ip": "203.0.113.9",
    }
    refused = parse(**everything, consent=False, event_id="e-1", title="Shoes")
    row = line(refused, NO_CONSENT)
    assert not any(value.encode() in row for value in everything.values())
    assert (refused.row.visitor_id, refused.row.session_id) == ("", "")
    assert (refused.row.event_id, refused.row.title) == ("e-1", "Shoes")  # counted as the page it was


HASH = "daily:" + "a" * 32


def beacon(anonymous_visitor: str = "", **given_: Any) -> Pageview:
    event = PageviewEvent(**{"pixel_id": 7, "domain": "example.com", **given_})
    return Pageview.parse(event, PIXEL, NOW, from_browser=True, anonymous_visitor=anonymous_visitor)


@pytest.mark.parametrize(
    ("event_id", "recorded", "guarded"),
    [(None, "beacon:[0-9a-f]{32}", False), ("", "beacon:[0-9a-f]{32}", False), ("e", "beacon:e", True)],
)
def test_what_came_in_by_the_visitors_door_is_known_by_its_id(
    event_id: str | None, recorded: str, *, guarded: bool
) -> None:
    pageview = beacon(event_id=event_id)
    assert re.fullmatch(recorded, pageview.row.event_id)
    assert (pageview.guarded, pageview.question.from_browser) == (guarded, True)
    assert beacon(event_id=pageview.row.event_id).row.event_id == pageview.row.event_id


@pytest.mark.parametrize(
    ("given_", "visitor"),
    [
        ({}, HASH),
        ({"consent": True}, HASH),
        ({"consent": False}, HASH),
        ({"consent": False, "visitor_id": "v"}, HASH),
        ({"visitor_id": "v"}, "v"),
        ({"visitor_id": "v", "consent": True}, "v"),
        ({"sha256": "ab" * 32}, ""),
        ({"external_id": "c-1", "consent": True}, ""),
    ],
)
def test_an_unidentified_visitor_without_an_id_is_counted_by_the_daily_hash(
    given_: dict[str, Any], visitor: str
) -> None:
    pageview = beacon(HASH, **given_)
    assert pageview.row.visitor_id == visitor
    assert HASH not in str(pageview.question)


@pytest.mark.parametrize("consent", [None, True, False])
def test_a_daily_hash_never_identifies_a_user(*, consent: bool | None) -> None:
    for written in (HASH, f" {HASH} "):
        counted = parse(visitor_id=written, consent=consent)
        assert (counted.row.visitor_id, counted.question.claims) == (HASH, Claims())
    known = parse(visitor_id=HASH, external_id="c-1")
    assert (known.row.visitor_id, known.question.claims) == ("", Claims(external_id="c-1"))


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.mark.parametrize("door", [parse, beacon])
@pytest.mark.parametrize(
    ("given_", "bot"),
    [
        ({"user_agent": GOOGLE, "visitor_id": "v"}, True),
        ({"user_agent": GOOGLE, "external_id": "c-1"}, True),
        ({"user_agent": "Mozilla/5.0 (compatible; GPTBot/1.2)", "visitor_id": "v"}, True),
        ({"user_agent": CHROME, "visitor_id": "v", "client_hints": '"HeadlessChrome";v="140"'}, True),
        ({"user_agent": CHROME, "visitor_id": "v"}, False),
        ({"user_agent": CHROME, "visitor_id": "v", "client_hints": "-", "screen": "0x0"}, False),  # weak signs
        ({"visitor_id": "v"}, False),
        ({"user_agent": "", "visitor_id": "v"}, False),
        ({"user_agent": GOOGLE}, False),  # it says it is nobody
    ],
)
def test_what_is_surely_a_bot_is_no_person(door: Any, given_: dict[str, str], *, bot: bool) -> None:
    assert door(**given_).question.bot is bot


def test_a_bot_that_the_api_did_not_know_can_be_stitched_and_one_of_a_browser_cannot() -> None:
    assert b'"resolution":"NOT_KNOWN"' in line(parse(visitor_id="v"), BOT)
    event = PageviewEvent(pixel_id=7, domain="example.com", visitor_id="v")
    assert b'"resolution":"BOT"' in line(Pageview.parse(event, PIXEL, NOW, from_browser=True), BOT)
