"""What `users export` writes, `users import` takes whole, in each format."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from heropixel.cli.users import EXPORTED, exported_row
from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.people import all_people
from heropixel.identity.batch import MergeOrigin, ToIdentify
from heropixel.identity.identifiers import Claims, Index
from heropixel.identity.identify import identify_many
from heropixel.identity.person import UserInput
from heropixel.identity.resolve import Lookup, Resolution, Resolver
from heropixel.importing.users import ImportedUsers, import_users
from heropixel.transfer import Format, write_rows

INDEX = Index(b"k" * 32)
OTHER_INDEX = Index(b"o" * 32)

TRAITS = {
    "plan": "pro",
    "orders": 12,
    "zip": "08001",
    "n": "12",
    "paid": 12.5,
    "vip": True,
    "tags": ["a"],
    "of": {"b": 1},
}
PEOPLE: list[dict[str, Any]] = [
    {"externalId": "c-1", "email": "anna@example.com", "phone": "+41791234567", "traits": TRAITS},
    {"externalId": "c-1", "phone": "+41441234567"},
    {
        "email": "ben@example.com",
        "emails": ["ben@work.example", "ben@home.example"],
        "traits": {"id": 7, "traits": "odd"},
    },
    {"externalId": "126.0", "traits": {"firstSeen": "never", "email": "not hers"}},
    {"externalId": "=1+1", "traits": {"formula": "=1+1", "null": "NULL", "true": "true"}},
    {"phone": "+14155550100"},
    {"externalId": 'Müller "M", x;y\nz', "email": '"a b"@bücher.example'},
    {"externalId": "00127"},
    {"externalId": "d-1", "email": "dora@example.com"},
    {"externalId": "d-2", "phone": "+41791234568"},
    {"externalId": "d-2", "email": "dora@example.com"},
]


class Site:
    """An app in a directory."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        with directory.writing() as connection:
            self.number = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def fill(self) -> None:
        for now, given in enumerate(PEOPLE, start=1_700_000_000_123):
            person = msgspec.convert(given, UserInput).person()
            identify_many(self.directory, ToIdentify.of(self.number, [person], INDEX, MergeOrigin.API, now))
        assert self.find(INDEX, email="learned@example.com").created

    def find(self, index: Index, **claims: str) -> Resolution:
        question = Lookup(self.number, Claims.parse(**claims), None)
        return Resolver(self.directory, index).resolve([question], 1_700_000_001_000)[0]

    def rows(self) -> list[dict[str, Any]]:
        return [exported_row(person) for person in all_people(self.directory.connection, self.number)]

    def known(self) -> list[dict[str, Any]]:
        """Everything that is exported, but for the ids of this server and those by which merged users are found."""
        left_out = ("id", "furtherExternalIds")
        return [{name: value for name, value in row.items() if name not in left_out} for row in self.rows()]

    def export(self, path: Path, kind: Format) -> Path:
        with path.open("wb") as out:
            write_rows(self.rows(), out, kind, EXPORTED)
        return path

    def take(self, path: Path, index: Index) -> ImportedUsers:
        return import_users(
            path, self.directory, index, self.number, lambda: 1_800_000_000_000, lambda _done, _of: None
        )


@pytest.fixture(scope="module")
def site(directory: Directory) -> Site:
    site = Site(directory)
    site.fill()
    return site


@pytest.mark.parametrize("kind", Format)
def test_what_is_exported_can_be_imported_whole(site: Site, tmp_path: Path, kind: Format) -> None:
    file = site.export(tmp_path / f"users.{kind}", kind)
    other = Site(site.directory)
    done = other.take(file, OTHER_INDEX)
    assert (done.created, done.rejections.reasons) == (len(site.known()), {})
    assert other.known() == site.known()
    dora = other.find(OTHER_INDEX, external_id="d-2").user
    assert dora is not None
    assert dora.external_id == "d-1"
    again = other.take(file, OTHER_INDEX)
    assert (again.created, again.updated, again.rejections.rejected) == (0, 0, 0)
    assert other.known() == site.known()


@pytest.mark.parametrize("kind", Format)
def test_an_import_of_what_is_known_already_changes_nothing(site: Site, tmp_path: Path, kind: Format) -> None:
    before = site.rows()
    assert [row["furtherExternalIds"] for row in before if row["externalId"] == "d-1"] == [["d-2"]]
    done = site.take(site.export(tmp_path / f"users.{kind}", kind), INDEX)
    assert (done.created, done.updated, done.rejections.rejected) == (0, 0, 0)
    assert site.rows() == before


@pytest.mark.parametrize("kind", Format)
def test_no_address_of_an_export_is_in_the_clear_where_none_are_stored(
    site: Site, tmp_path: Path, kind: Format
) -> None:
    other = Site(site.directory)
    hashed = Index(b"h" * 32, readable=False)
    other.take(site.export(tmp_path / f"users.{kind}", kind), hashed)
    for row, original in zip(other.known(), site.known(), strict=True):
        assert (row["emails"], row["phones"]) == ([], [])
        assert row["traits"] == original["traits"]
    user = other.find(hashed, phone="+41441234567").user
    assert user is not None
    assert user.external_id == "c-1"


def test_every_exported_column_is_known_to_the_import(site: Site, tmp_path: Path) -> None:
    other = Site(site.directory)
    other.take(site.export(tmp_path / "users.csv", Format.CSV), OTHER_INDEX)
    own = {name for given in PEOPLE for name in given.get("traits", {})}
    assert {name for row in other.known() for name in row["traits"]} == own


def test_addresses_and_numbers_may_be_listed_in_a_file_of_any_program(site: Site, tmp_path: Path) -> None:
    other = Site(site.directory)
    (tmp_path / "people.csv").write_text(
        "Emails,Phones,id\nanna@example.com; ann@example.com,+41791234567,7\n,+14155550100,8\nnull,,9\nanna,,10\n"
    )
    done = other.take(tmp_path / "people.csv", OTHER_INDEX)
    assert (done.created, done.rejections.rejected) == (2, 2)
    assert [(row["emails"], row["phones"], row["traits"]) for row in other.known()] == [
        (["ann@example.com", "anna@example.com"], ["+41791234567"], {"id": 7}),
        ([], ["+14155550100"], {"id": 8}),
    ]
