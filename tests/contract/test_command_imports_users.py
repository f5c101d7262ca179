"""`heropixel users import`, from outside: bad rows are counted and do not stop it."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.contract.commanding import MD5_OF_ANNA, PEOPLE, as_json
from tests.world import World, command, running


def test_importing_users_counts_bad_rows_and_does_not_stop(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    done = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
    assert (done["created"], done["rejected"]) == (2, 4)
    rejected = list(csv.DictReader(io.StringIO(Path(done["rejectedFile"]).read_text())))
    assert [(row["line"], row["reason"]) for row in rejected] == [
        ("3", "email is not an email address"),
        ("5", "email holds a placeholder (undefined), not an identifier: leave it out when the person is not known"),
        ("6", "none of email, external_id, md5, phone, sha1, sha256 is given"),
        ("7", "too many cells"),
    ]
    assert rejected[0]["Email"] == "not an address"


def test_an_import_of_which_not_a_single_row_was_taken_ends_with_1(world: World, tmp_path: Path) -> None:
    users, pageviews = tmp_path / "users.csv", tmp_path / "pageviews.csv"
    users.write_text("email,md5\nnot an address,\n,nonsense\n")
    pageviews.write_text("pixelId,domain,url,timestamp\n1,example.org,https://example.org/,1764000000\n")
    app = ("--app", world.app_id)
    for what, file, whose, rejected in (
        ("users", users, app, 2),
        ("suppressions", users, app, 2),
        ("pageviews", pageviews, ("--pixel", "1"), 1),
    ):
        said = command(world, what, "import", str(file), *whose, expect=1)
        assert f"{rejected} rejected" in said
        assert f"heropixel: Not a single row of {file} was imported" in said
        said = command(world, what, "import", str(file), *whose, "--json", expect=1)
        assert json.loads(said.splitlines()[0])["rejected"] == rejected
    users.write_text("email\n")
    command(world, "users", "import", str(users), *app)
    users.write_text("email\nnot an address\nanna@example.com\n")
    for _ in range(2):  # known already is taken, too
        command(world, "users", "import", str(users), *app)
        command(world, "suppressions", "import", str(users), *app)


def test_importing_users_joins_no_more_than_the_setting_says(world: World, tmp_path: Path) -> None:
    file = tmp_path / "till.csv"
    file.write_text("email,external_id\n" + "".join(f"{n}@example.com,till\n" for n in range(4)))
    told = "email,external_id\n" + "".join(f"{n}@example.com,\n" for n in range(4))
    (tmp_path / "each.csv").write_text(told)
    as_json(world, "users", "import", str(tmp_path / "each.csv"), "--app", world.app_id, "--json")
    command(world, "users", "import", str(file), "--app", world.app_id, HEROPIXEL_MAX_JOINED="2")
    people = as_json(world, "users", "list", "--app", world.app_id, "--json")
    assert [(each["externalId"], each["emails"]) for each in people] == [
        *((None, [f"{n}@example.com"]) for n in range(4)),
        ("till", []),
    ]


def test_an_import_says_what_was_repeated_merged_and_in_conflict(world: World, tmp_path: Path) -> None:
    command(world, "users", "identify", "--app", world.app_id, "--external-id", "a-1")
    command(world, "users", "identify", "--app", world.app_id, "--email", "ann@example.com")
    file = tmp_path / "people.csv"
    file.write_text(
        "email,external_id,phone,name\n"
        "ann@example.com,a-1,+14155550100,Ann\n"
        ",a-1,,Ann\n"
        "bob@example.com,,+14155550100,Bob\n"
    )
    imported = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
    expected = {"created": 1, "updated": 0, "merged": 1, "unchanged": 1, "repeated": 1, "conflicts": 1, "rejected": 0}
    assert {name: imported[name] for name in expected} == expected
    people = as_json(world, "users", "list", "--app", world.app_id, "--json")
    assert [each["traits"] for each in people] == [{"name": "Ann"}, {"name": "Bob"}]


def test_plus_addresses_of_one_mailbox_are_imported_as_two_people(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("external_id,email,first_name\nc-201,smith+anna@gmail.com,Anna\nc-202,smith+ben@gmail.com,Ben\n")
    imported = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
    assert (imported["created"], imported["merged"], imported["conflicts"]) == (2, 0, 0)
    with running(world) as server:
        assert server.pageview(email="smith+anna@gmail.com")["data"] == {"first_name": "Anna"}


def test_importing_users_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    for expected in ({"created": 2, "updated": 0, "unchanged": 0}, {"created": 0, "updated": 0, "unchanged": 2}):
        done = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
        assert {name: done[name] for name in expected} == expected


def test_importing_changed_traits_updates_them_and_keeps_the_others(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    for line in (
        '{"email":"anna@example.com","plan":"pro","city":"Bern"}',
        '{"email":"Anna@Example.com","plan":"free"}',
    ):
        file.write_text(line)
        command(world, "users", "import", str(file), "--app", world.app_id)
    with running(world) as server:
        assert server.pageview(md5=MD5_OF_ANNA)["data"] == {"plan": "free", "city": "Bern"}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_users_are_imported_from(kind: str, world: World, tmp_path: Path) -> None:
    file = tmp_path / f"people.{kind}"
    rows = [{"md5": MD5_OF_ANNA, "external_id": "a-1", "phone": "+41 44 668 18 00", "plan": "pro"}]
    if kind == "csv":
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    elif kind == "jsonl":
        file.write_text(json.dumps(rows[0]))
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    command(world, "users", "import", str(file), "--app", world.app_id)
    with running(world) as server:
        for identifier in ({"email": "Anna@example.com"}, {"externalId": "a-1"}, {"phone": "0041446681800"}):
            answer = server.pageview(**identifier)
            assert (answer["message"], answer["data"]) == ("User Found", {"plan": "pro"})


@pytest.mark.parametrize("header", ["c@example.com,pro", "contact,plan", "email/plan"])
def test_a_file_without_a_column_of_identifiers_is_refused_with_its_columns_named(
    world: World, tmp_path: Path, header: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(f"{header}\nd@example.com,free\n")
    said = " ".join(command(world, "users", "import", str(file), "--app", world.app_id, expect=2).split())
    assert "none of its columns" in said
    assert header.split(",", maxsplit=1)[0] in said


def test_two_columns_of_one_identifier_are_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("external_id,externalId\na,b\n")
    assert "2 of its columns are external_id" in command(
        world, "users", "import", str(file), "--app", world.app_id, expect=2
    )


def test_rows_without_any_value_are_not_counted(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,plan\na@example.com,pro\n,\n,\n")
    done = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
    assert (done["created"], done["rejected"]) == (1, 0)


def test_times_and_numbers_of_parquet_are_imported(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.parquet"
    nanoseconds = pyarrow.array([1_700_000_000_123_456_789], pyarrow.timestamp("ns"))
    took = pyarrow.array([1_500], pyarrow.duration("ns"))
    table = pyarrow.table({"external_id": [12.0], "signup": nanoseconds, "took": took})
    pyarrow.parquet.write_table(table, file)
    done = as_json(world, "users", "import", str(file), "--app", world.app_id, "--json")
    assert (done["created"], done["rejected"]) == (1, 0)
    with running(world) as server:
        assert server.pageview(externalId="12")["data"]["signup"].startswith("2023-11-14")
