"""What describes a pageview never costs it, and the answer says what became of it."""

from typing import Any

import pytest

from heropixel.directory.registry import Pixel
from heropixel.enrichment import Place
from heropixel.errors import InvalidEmail, InvalidText, Refusal
from heropixel.recording.leniency import Treatment
from heropixel.recording.pageview import TEXT_LIMITS, Pageview, PageviewEvent
from heropixel.values import MAX_OBJECT, camel

NOW = 1_800_000_000_123
PIXEL = Pixel(7, 3, frozenset(), frozenset({"example.com"}))
LOST = "\N{REPLACEMENT CHARACTER}"


def parse(**given_: Any) -> Pageview:
    return Pageview.parse(PageviewEvent(**{"pixel_id": 7, "domain": "example.com", **given_}), PIXEL, NOW)


def treated(pageview: Pageview) -> list[tuple[str, str]]:
    return [(warning.field, warning.treatment) for warning in pageview.warnings]


@pytest.mark.parametrize("name", TEXT_LIMITS)
def test_a_text_that_is_too_long_is_cut(name: str) -> None:
    limit = TEXT_LIMITS[name]
    for letter in "xü":
        pageview = parse(**{name: letter * (limit + 1)})
        assert getattr(pageview.row, name) == letter * limit
        assert treated(pageview) == [(camel(name), "CUT")]
        assert str(limit) in pageview.warnings[0].message


@pytest.mark.parametrize("name", TEXT_LIMITS)
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("half \ud83d", f"half {LOST}"),
        ("\ude00 half", f"{LOST} half"),
        ("a\udfffb ü", f"a{LOST}b ü"),
        ("whole \ud83d\ude00", "whole 😀"),
        ("a\0b", "ab"),
        (f"lost before {LOST}", f"lost before {LOST}"),
    ],
)
def test_half_an_emoji_costs_half_an_emoji(name: str, text: str, kept: str) -> None:
    pageview = parse(**{name: text})
    assert getattr(pageview.row, name) == kept
    assert treated(pageview) == [(camel(name), "CHANGED")]


@pytest.mark.parametrize(
    ("given_", "refusal"),
    [
        ({"external_id": "a\ud83d"}, InvalidText),
        ({"external_id": f"a{LOST}"}, InvalidText),  # two ids that have lost different characters are not one
        ({"visitor_id": f"a{LOST}"}, InvalidText),
        ({"event_id": f"a{LOST}"}, InvalidText),
        ({"session_id": "a\0"}, InvalidText),
        ({"email": f"an{LOST}a@example.com"}, InvalidEmail),
    ],
)
def test_what_decides_stays_strict(given_: dict[str, str], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        parse(**given_)


@pytest.mark.parametrize(
    ("ip", "read"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 2001:db8::1 ", "2001:db8::1"),
        ("8.8.8.8:51234", "8.8.8.8"),
        ("[2001:4860:4860::8888]:443", "2001:4860:4860::8888"),
        ("[2001:4860:4860::8888]", "2001:4860:4860::8888"),
        ("8.8.8.8, 10.0.0.1", "8.8.8.8"),
        ("10.0.0.1, 8.8.8.8:80 , 9.9.9.9", "8.8.8.8"),
        ("unknown, 8.8.8.8", "8.8.8.8"),
        ("10.0.0.1,10.0.0.2", "10.0.0.1"),
        ("::ffff:8.8.8.8, 10.0.0.1", "8.8.8.8"),
        ('for="[2001:4860:4860::8888]:443";proto=https', "2001:4860:4860::8888"),
        ("for=8.8.8.8;host=example.com, for=10.0.0.1", "8.8.8.8"),
    ],
)
def test_an_ip_with_a_port_or_a_list_is_read(ip: str, read: str) -> None:
    asked: list[str | None] = []

    def where(address: str | None) -> Place:
        asked.append(address)
        return Place("CH", "Zurich", "Zurich")

    pageview = Pageview.parse(PageviewEvent(7, "example.com", ip=ip), PIXEL, NOW, where=where)
    assert (asked, pageview.row.country) == ([read], "CH")
    assert treated(pageview) == ([] if read == ip.strip() else [("ip", "CHANGED")])


@pytest.mark.parametrize("ip", ["256.1.1.1", "203.0.113", "unknown", "-", "\0", "\ud800", "[]", ",", "a" * 100_000])
def test_an_ip_that_is_none_is_left_out_and_so_is_the_place(ip: str) -> None:
    event = PageviewEvent(7, "example.com", ip=ip)
    pageview = Pageview.parse(event, PIXEL, NOW, where=lambda _: pytest.fail("the place of the caller is not hers"))
    assert treated(pageview) == [("ip", "DROPPED")]


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _ in range(levels):
        inner = {"a": inner}
    return inner


@pytest.mark.parametrize(
    "properties",
    [
        *([], [{}], "text", " ", "[1]", 0, False, nested(100_000), {"a": "\0"}, {"a": [{"\0": 1}]}),
        *({"a": "x" * MAX_OBJECT}, {"a": "\ud800"}, '{"a": 1'),
    ],
)
def test_properties_that_cannot_be_stored_are_left_out(properties: Any) -> None:
    pageview = parse(properties=properties)
    assert (pageview.row.properties, treated(pageview)) == ("", [("properties", "DROPPED")])


def test_properties_may_come_as_the_text_of_an_object() -> None:
    assert parse(properties='{"plan": "pro"}').row.properties == '{"plan":"pro"}'


def test_what_is_cleaned_away_is_told() -> None:
    pageview = parse(utm_source="anna@example.com", url="https://example.com/?token=abc&a=1", title="Tea")
    assert treated(pageview) == [("url", "CHANGED"), ("utmSource", "DROPPED")]
    assert all(warning.treatment in Treatment and warning.message for warning in pageview.warnings)
