"""What is masked in a response, and what stays readable."""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import OperationDefinitionNode, parse

from heropixel.api.masked_filters import without_masked
from heropixel.api.masking import masked, masked_response, root_fields
from heropixel.directory import open_directory
from heropixel.directory.apps import make_app
from heropixel.directory.people import Search, search_ids, text_words
from heropixel.directory.users import User, add_users, reserve_ids
from heropixel.masked import masked_text
from heropixel.reports.filters import Condition, Not, Operator, matches

TEXTS = [
    ("john.doe@example.com", "j•••@example.com"),
    ("j@example.co.uk", "j•••@example.co.uk"),
    ("Jürg.Ärni@bücher.example", "J•••@bücher.example"),
    ('Anna <anna+news@example.com>, "b@x.example"', 'Anna <a•••@example.com>, "b•••@x.example"'),
    ("mailto:anna@example.com?subject=hi", "mailto:a•••@example.com?subject=hi"),
    ("https://shop.example/?mail=anna%40example.com&x=1", "https://shop.example/?mail=a•••%40example.com&x=1"),
    ("https://shop.example/u/anna@example.com/orders", "https://shop.example/u/a•••@example.com/orders"),
    ("+41791234567", "+4••••••67"),
    ("call +1 (415) 555-0100 now", "call +1••••••00 now"),
    ("?tel=%2B41791234567", "?tel=%2B4••••••67"),
    ("no address: a@b, @handle, 3 + 4, +12, 2026-11-30T02:12:47.000Z", None),
    ("https://example.com/path?utm_source=a+b&n=1234567890", None),
    ("User Found", None),
]


@pytest.mark.parametrize(("text", "shown"), TEXTS)
def test_addresses_and_telephone_numbers_are_masked_in_any_text(text: str, shown: str | None) -> None:
    assert masked_text(text) == (text if shown is None else shown)
    assert masked_text(masked_text(text)) == masked_text(text)


@pytest.mark.parametrize(("text", "shown"), TEXTS)
@pytest.mark.parametrize("operator", [Operator.CONTAINS, Operator.WILDCARD])
def test_parts_of_what_is_masked_fit_no_filter(text: str, shown: str | None, operator: Operator) -> None:
    whole = Condition("PAGE", operator, (text,))
    assert matches(whole, lambda _: text)
    if shown is not None:
        assert not matches(without_masked(whole), lambda _: text)
        assert matches(without_masked(Not(whole)), lambda _: text)


NUMBERS = [(name, "is 079 123 45 67") for name in ("phone", "workPhone", "Mobile", "telefon", "tel_home", "WhatsApp")]


def test_what_is_masked_is_found_by_no_search_of_those_for_whom_it_is(tmp_path: Path) -> None:
    given: list[tuple[dict[str, Any], bool]] = [({"note": text}, shown is not None) for text, shown in TEXTS]
    given += [({name: text}, True) for name, text in NUMBERS]
    with closing(open_directory(f"sqlite:///{tmp_path / 'directory.sqlite3'}")) as directory:
        with directory.writing() as connection:
            app, _ = make_app(connection, "Shop", 1)
            ids = reserve_ids(connection, app, len(given))
            people = [User(id_, None, json.dumps(traits), 1) for id_, (traits, _) in zip(ids, given, strict=True)]
            add_users(connection, people, learned=False)

        def found(text: str) -> set[int]:
            return search_ids(directory.connection, app, Search(words=text_words(text), masked=True), 100)

        for id_, (traits, is_masked) in zip(ids, given, strict=True):
            (text,) = traits.values()
            assert (masked(traits) != traits) is is_masked
            assert id_ not in found(text) or not is_masked
        assert found("user found")


VALUES: list[tuple[Any, Any]] = [
    ({"traits": {"contact": "anna@example.com"}}, {"traits": {"contact": "a•••@example.com"}}),
    ({"traits": msgspec.Raw(b'{"x": ["anna@example.com"]}')}, {"traits": {"x": ["a•••@example.com"]}}),
    ({"phone": "079 123 45 67", "mobilePhone": 41791234567}, {"phone": "••• ••• •• 67", "mobilePhone": "•••••••••67"}),
    ({"emails": ("a@x.example", "b@x.example")}, {"emails": ["a•••@x.example", "b•••@x.example"]}),
    ({"anna@example.com": 1}, {"a•••@example.com": 1}),
    ({"phones": None, "hasPhone": True, "orders": 1234567, "telling": 12}, None),
]


@pytest.mark.parametrize(("value", "shown"), VALUES)
def test_they_are_masked_wherever_they_stand(value: Any, shown: Any) -> None:
    assert masked(value) == (value if shown is None else shown)


def test_members_read_their_own_addresses_under_whatever_name_they_ask_for_them() -> None:
    document = parse(
        "{ user { x } myself: me { x } ...F ... on Query { deeper: members { x } } }"
        " fragment F on Query { user2: user { x } }"
    )
    (operation, _) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    roots = root_fields(document, operation)
    assert roots == {"user": "user", "myself": "me", "user2": "user", "deeper": "members"}
    data = {key: {"x": "anna@example.com"} for key in roots}
    shown = masked_response({"data": data}, roots)["data"]
    assert {key for key, value in shown.items() if value["x"] == "anna@example.com"} == {"myself", "deeper"}


def test_a_response_without_data_stays_as_it_is() -> None:
    assert masked_response({"errors": [{"message": "no"}]}, {}) == {"errors": [{"message": "no"}]}


@pytest.mark.parametrize("text", ["@" + "a" * 300_000, "@a" * 100_000, "a@b." * 50_000, "+1 " * 100_000, "+" * 300_000])
def test_a_long_text_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    masked_text(text)
    assert time.process_time() - began < 2, "a quadratic search would take minutes"
