"""People are imported from files as programs write them: nobody becomes somebody else."""

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import pytest

from heropixel.cli.traits import name_and_value
from heropixel.directory import Directory
from heropixel.directory.apps import app_number, create_app
from heropixel.directory.people import ListedUser, all_people, list_people
from heropixel.identity.identifiers import Index
from heropixel.identity.search import TraitInput, UserSearch
from heropixel.importing.users import ImportedUsers, import_users
from heropixel.troubles import FileUnusable

INDEX = Index(b"k" * 32)


class App:
    """An app without people, and how a test imports into it."""

    def __init__(self, directory: Directory, folder: Path) -> None:
        self.folder = folder
        self.directory = directory
        with directory.writing() as connection:
            self.number = app_number(connection, create_app(connection, "Test", now=1).app_id)

    def take(self, path: Path, index: Index = INDEX, **options: Any) -> ImportedUsers:
        return import_users(path, self.directory, index, self.number, lambda: 100, lambda _done, _of: None, **options)

    def take_text(self, name: str, text: str, **options: Any) -> ImportedUsers:
        path = self.folder / name
        path.write_text(text)
        return self.take(path, **options)

    def people(self) -> list[ListedUser]:
        return list(all_people(self.directory.connection, self.number))

    def ids(self) -> list[str | None]:
        return [person.user.external_id for person in self.people()]

    def traits(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(person.user.traits or "{}") for person in self.people()]


@pytest.fixture
def app(directory: Directory, tmp_path: Path) -> App:
    return App(directory, tmp_path)


HASHES_OF_NOTHING = """\
external_id,sha256,plan
c-1,74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b,pro
c-2,74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b,free
c-3,eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c,pro
c-4,eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c,free
c-5,140bedbf9c3f6d56a9846d2ba7088798683f4da0c248231336e6a05679e4fdfe,pro
c-6,36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068,pro
"""


def test_the_digest_of_nothing_joins_no_two_rows(app: App) -> None:
    done = app.take_text("crm.csv", HASHES_OF_NOTHING)
    assert (done.created, done.rejections.rejected) == (6, 0)
    assert app.ids() == ["c-1", "c-2", "c-3", "c-4", "c-5", "c-6"]


PLACEHOLDERS = ["not_authenticated", "*|EMAIL_UID|*", "##EMAIL##", "NULL", r"\N", "N/A", "(not set)", "#N/A", "NaN"]


@pytest.mark.parametrize("nothing", PLACEHOLDERS)
def test_a_placeholder_in_a_file_is_an_empty_cell_beside_an_identifier(app: App, nothing: str) -> None:
    rows = f"external_id,email,phone\nc-1,{nothing},{nothing}\nc-2,{nothing},\n{nothing},anna@example.com,{nothing}\n"
    done = app.take_text("people.csv", rows)
    assert (done.created, done.rejections.rejected) == (3, 0)
    assert done.rejections.placeholders == {"external_id": 1, "email": 2, "phone": 2}
    assert app.ids() == ["c-1", "c-2", None]


@pytest.mark.parametrize("nothing", PLACEHOLDERS)
def test_a_row_with_nothing_but_placeholders_is_rejected_by_name(app: App, nothing: str) -> None:
    done = app.take_text("people.csv", f"external_id,email,plan\n{nothing},{nothing},pro\n")
    assert (done.created, done.rejections.rejected) == (0, 1)
    (reason,) = done.rejections.reasons
    assert "holds a placeholder" in reason


BIG_IDS = """\
{"external_id": 9007199254740992, "email": "anna@example.com"}
{"external_id": 9007199254740993, "email": "ben@example.com"}
{"external_id": 9007199254740992.0, "email": "carl@example.com"}
{"external_id": 9007199254740993.0, "email": "dora@example.com"}
{"external_id": 1e21, "email": "emil@example.com"}
{"external_id": 123456789012345678901234567890, "email": "fay@example.com"}
{"external_id": "9007199254740994", "email": "gus@example.com"}
{"external_id": 12.0, "email": "hans@example.com"}
"""


def test_an_id_that_a_float_has_rounded_is_rejected_and_an_integer_is_not(app: App) -> None:
    done = app.take_text("users.jsonl", BIG_IDS)
    assert app.ids() == [
        "9007199254740992",
        "9007199254740993",
        "123456789012345678901234567890",
        "9007199254740994",
        "12",
    ]
    assert done.rejections.reasons == {
        "external_id is a number whose last digits are lost: write it as a text": 3,
    }


@pytest.mark.parametrize(
    ("type_", "exact"),
    [(pyarrow.float64(), 2**53 - 1), (pyarrow.float32(), 2**24 - 1), (pyarrow.float16(), 2**11 - 1)],
)
def test_a_float_of_parquet_is_an_id_as_far_as_it_is_exact(app: App, type_: pyarrow.DataType, exact: int) -> None:
    ids = pyarrow.array([float(exact), float(exact + 1), None, float("nan")], pyarrow.float64()).cast(type_)
    emails = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
    pyarrow.parquet.write_table(pyarrow.table({"external_id": ids, "email": emails}), app.folder / "users.parquet")
    done = app.take(app.folder / "users.parquet")
    assert (app.ids(), done.rejections.rejected) == ([str(exact), None, None], 1)


SPOILT = """\
external_id,email
7.01E+12,anna@example.com
"7,01E+12",ben@example.com
'00123,carl@example.com
"=""00124\""",dora@example.com
00125,emil@example.com
126.0,fay@example.com
"""


def test_an_id_that_a_spreadsheet_has_spoilt_is_rejected_and_one_that_it_has_marked_is_read(app: App) -> None:
    done = app.take_text("excel.csv", SPOILT)
    assert app.ids() == ["00123", "00124", "00125", "126"]
    assert len(done.rejections.reasons) == 2
    assert all("whose last digits are lost" in reason for reason in done.rejections.reasons)
    again = app.take_text("again.csv", 'external_id,email\n00123,\'carl@example.com\n126,"=""fay@example.com"""\n')
    assert again.unchanged == 2


def test_an_address_is_the_same_in_each_form_of_unicode_and_with_what_nobody_sees(app: App) -> None:
    rows = ["jose\u0301@example.com", "JOS\u00c9@example.com", "jos\u00e9\u200b@exam\u00adple.com"]
    rows.append("\ufeffjos\u00e9@example.com\u00a0")
    done = app.take_text("people.jsonl", "\n".join(json.dumps({"email": email}) for email in rows))
    assert (done.created, done.unchanged) == (1, 3)
    assert [person.emails for person in app.people()] == [["jos\u00e9@example.com"]]


# Cells of CSV

CELLS = [
    ("12", 12),
    ("-3", -3),
    ("19.90", 19.9),
    ("true", True),
    ("FALSE", False),
    ("2026-01-31", "2026-01-31"),
    ("2026-01-31 10:00:00", "2026-01-31T10:00:00"),
    ("2026-01-31 10:00:00 UTC", "2026-01-31T10:00:00Z"),
    ("2026-13-31 10:00:00", "2026-13-31 10:00:00"),
    ("08001", "08001"),
    ("+41791234567", "+41791234567"),
    ("1234567890123456", "1234567890123456"),
    ('="12"', "12"),
    ("'12", "12"),
    ("1,5", "1,5"),
    ("1e5", "1e5"),
    ("yes", "yes"),
    ("None", "None"),
    (" pro ", " pro "),
]


@pytest.mark.parametrize(("cell", "value"), CELLS)
def test_numbers_booleans_and_dates_of_csv_get_their_types(app: App, cell: str, value: object) -> None:
    with (app.folder / "people.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["email", "it"], ["anna@example.com", cell]])
    app.take(app.folder / "people.csv")
    (traits,) = app.traits()
    assert traits == {"it": value}
    assert type(traits["it"]) is type(value)


@pytest.mark.parametrize("cell", ["NULL", r"\N", "NaN", "(not set)", "#N/A", "*|FNAME|*", "{{ first_name }}"])
def test_a_cell_of_csv_that_says_there_is_no_value_is_no_trait(app: App, cell: str) -> None:
    app.take_text("people.csv", f"email,it,plan\nanna@example.com,{cell},pro\n")
    assert app.traits() == [{"plan": "pro"}]


@pytest.mark.parametrize(("texts", "traits"), [(["Zip"], {"zip": "8001", "n": 1}), (["*"], {"zip": "8001", "n": "1"})])
def test_a_column_of_csv_stays_text_if_that_is_said(app: App, texts: list[str], traits: dict[str, Any]) -> None:
    app.take_text("people.csv", "email,zip,n\nanna@example.com,8001,1\n", texts=texts)
    assert app.traits() == [traits]


def test_a_column_to_keep_as_text_has_to_be_there(app: App) -> None:
    with pytest.raises(FileUnusable, match="it has no column zpi to keep as text"):
        app.take_text("people.csv", "email,zip\nanna@example.com,8001\n", texts=["zpi"])


ASKED = ["orders=12", "orders=12.0", 'orders="12"', "vip=true", "vip=TRUE", "zip=08001", "version=1.10", "plan=PRO"]


@pytest.mark.parametrize("asked", [*ASKED, "day=2026-01-31"])
def test_a_search_finds_what_a_file_had_as_a_person_means_it(app: App, asked: str) -> None:
    row = "12,True,08001,1.10,pro,2026-01-31 10:00:00"
    app.take_text(
        "people.csv",
        f"email,orders,vip,zip,version,plan,day\nanna@example.com,{row}\nben@example.com,1,,,,,\n",
        texts=["version"],
    )
    search = UserSearch(trait=TraitInput(*name_and_value(asked))).search()
    found = list_people(app.directory.connection, app.number, search, None, 10)
    assert [person.emails for person in found] == [["anna@example.com"]]


def test_a_decimal_of_parquet_is_a_number(app: App) -> None:
    table = pyarrow.table({"email": ["anna@example.com"], "paid": [Decimal("12.50")], "count": [Decimal(3)]})
    pyarrow.parquet.write_table(table, app.folder / "people.parquet")
    app.take(app.folder / "people.parquet")
    assert app.traits() == [{"paid": 12.5, "count": 3}]
