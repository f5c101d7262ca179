"""A filter finds what it names, in whatever way that is written."""

import pytest

from heropixel.reports.filters import ConditionInput, FilterInput, matches, parse_filter


@pytest.mark.parametrize(
    ("dimension", "stored", "written"),
    [
        ("COUNTRY", "CH", ["CH", "ch", "Switzerland", "Schweiz"]),
        ("LANGUAGE", "en-US", ["en-US", "en-us", "en_US"]),
        ("REGION", "California", ["California", "US-CA"]),
        ("PAGE", "/café crème", ["/café crème", "/caf%C3%A9%20cr%c3%a8me"]),
        ("PAGE", "/#/prices", ["/#/prices"]),
        ("PAGE", "", [""]),
    ],
)
def test_a_value_may_be_written_as_its_pageviews_may_be(dimension: str, stored: str, written: list[str]) -> None:
    for value in written:
        tree = parse_filter(FilterInput(on=ConditionInput(dimension, is_=[value])), {})
        assert matches(tree, lambda _: stored)
        other = parse_filter(FilterInput(on=ConditionInput(dimension, is_not=[value])), {})
        assert not matches(other, lambda _: stored)


def test_a_value_that_has_no_other_form_is_compared_as_it_is() -> None:
    tree = parse_filter(FilterInput(on=ConditionInput("COUNTRY", is_=["Atlantis"])), {})
    assert matches(tree, lambda _: "Atlantis")
    assert not matches(tree, lambda _: "")
