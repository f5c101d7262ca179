"""The `heropixel` command, from outside."""

import csv
import io
import json
import socket
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.world import World, command, running

MD5_OF_ANNA = "6b56db1f84a3997b902509d3fbf0a306"  # anna@example.com


def as_json(world: World, *words: str) -> Any:
    return json.loads(command(world, *words))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["serve"],
        ["verify"],
        ["apps"],
        ["apps", "create"],
        ["apps", "list"],
        ["apps", "rotate"],
        ["apps", "revoke"],
        ["apps", "show"],
        ["pixels", "create"],
        ["pixels", "list"],
        ["pixels", "show"],
        ["pixels", "rename"],
        ["pixels", "consent"],
        ["domains", "add"],
        ["domains", "remove"],
        ["return-hosts", "add"],
        ["return-hosts", "remove"],
        ["users", "import"],
        ["users", "show"],
        ["users", "identify"],
        ["pageviews", "export"],
        ["pageviews", "import"],
    ],
    ids=" ".join,
)
def test_every_command_has_help(words: list[str]) -> None:
    said = command(None, *words, "--help")
    assert "Usage: " in said
    assert "heropixel" in said


def test_apps_create_prints_the_id_and_the_secret_once(world: World) -> None:
    made = as_json(world, "apps", "create", "Shop", "--json")
    assert set(made) == {"appId", "appSecret"}
    assert made["appId"].startswith("app_")
    assert made["appSecret"].startswith("hps_")
    assert len(made["appSecret"]) >= 4 + 43  # 256 bits in Base64
    listed = command(world, "apps", "list", "--json")
    assert {"appId": made["appId"], "name": "Shop"} in json.loads(listed)
    assert made["appSecret"] not in listed


def test_pixels_create_prints_the_id_and_pixels_list_shows_the_domains(world: World) -> None:
    words = ("pixels", "create", "Blog", "--app", world.app_id, "--domain", "Example.ORG", "--domain", "bücher.example")
    made = as_json(world, *words, "--json")
    assert made == {"id": 2}
    assert as_json(world, "pixels", "list", "--json")[1] == {
        "id": 2,
        "name": "Blog",
        "appId": world.app_id,
        "domains": ["example.org", "xn--bcher-kva.example"],
        "retentionDays": None,
        "consentMode": "REQUIRED",
        "timezone": "UTC",
        "weekStartsOn": "MONDAY",
        "returnHosts": [],
    }
    made = as_json(world, "pixels", "create", "Forum", "--app", world.app_id, "--consent", "none", "--json")
    assert made == {"id": 3}
    assert as_json(world, "pixels", "show", "3", "--json")["consentMode"] == "NONE"


def test_pixels_create_prints_the_tag_to_paste(world: World) -> None:
    said = command(world, "pixels", "create", "Blog", "--app", world.app_id, "--domain", "example.org")
    assert '\n<script defer src="https://HOST/pixel.js" data-pixel="2"></script>\n' in said


def test_pixels_create_prints_the_domain_that_it_authorises_or_how_to_add_one(world: World) -> None:
    made = ("pixels", "create", "Blog", "--app", world.app_id)
    assert "is ready for example.org." in command(world, *made, "--domain", "https://Example.org/blog")
    assert "has no domain yet. Add one: heropixel domains add example.com --pixel 3\n" in command(world, *made)


@pytest.mark.parametrize("mode", ["implied", "none"])
def test_the_tag_says_what_consent_the_pixel_demands(world: World, mode: str) -> None:
    said = command(world, "pixels", "create", "Blog", "--app", world.app_id, "--consent", mode)
    assert f'data-pixel="2" data-consent="{mode}"></script>\n' in said


@pytest.mark.parametrize(
    ("mode", "tag"),
    [("implied", 'data-consent="implied"'), ("none", 'data-consent="none"'), ("required", "without data-consent")],
)
def test_pixels_consent_says_what_the_tags_have_to_say(world: World, mode: str, tag: str) -> None:
    assert f"Its tags must say the same: {tag}." in command(world, "pixels", "consent", "1", mode)


def test_adding_and_removing_a_domain_twice_says_so_and_changes_nothing(world: World) -> None:
    assert command(world, "domains", "add", "example.net", "--pixel", "1") == "example.net: added\n"
    assert command(world, "domains", "add", "EXAMPLE.net", "--pixel", "1") == "EXAMPLE.net: was there already\n"
    assert command(world, "domains", "remove", "example.net", "--pixel", "1") == "example.net: removed\n"
    assert command(world, "domains", "remove", "example.net", "--pixel", "1") == "example.net: was not there\n"


@pytest.mark.parametrize(
    ("words", "exit_code", "says"),
    [
        (("nonsense",), 2, "nonsense"),
        (("domains", "add", "co.uk", "--pixel", "1"), 2, "co.uk cannot be authorised"),
        (("domains", "add", "exam ple.com", "--pixel", "1"), 2, "it is not a host name"),
        (("domains", "add", "*.example.com", "--pixel", "1"), 2, "give example.com: with a registrable domain all its"),
        (("domains", "add", "file:///index.html", "--pixel", "1"), 2, "a file has no host"),
        (("domains", "add", "example.net", "--pixel", "99"), 7, "Pixel not found. See `heropixel pixels list`."),
        (("pixels", "create", "X", "--app", "app_unknown"), 7, "There is no app app_unknown"),
        (("apps", "rotate", "app_unknown", "--yes"), 7, "There is no app app_unknown"),
        (("users", "import", "missing.csv", "--app", "app_unknown"), 7, "There is no app app_unknown"),
        (("pageviews", "export", "--format", "xml"), 2, "xml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_has_an_exit_code_and_a_sentence(
    world: World, words: tuple[str, ...], exit_code: int, says: str
) -> None:
    said = command(world, *words, expect=exit_code)
    assert says in " ".join(said.split())
    assert "Traceback" not in said


def test_a_file_that_is_missing_or_of_no_known_kind_is_named(world: World, tmp_path: Path) -> None:
    for name in ("missing.csv", "people.xlsx"):
        said = command(world, "users", "import", str(tmp_path / name), "--app", world.app_id, expect=2)
        assert name in said


def test_data_may_be_given_anywhere_and_by_the_environment(world: World) -> None:
    folder = str(world.folder)
    expected = command(world, "pixels", "list", "--json")
    assert command(None, "pixels", "list", "--json", "--data", folder) == expected
    assert command(None, "pixels", f"--data={folder}", "list", "--json") == expected
    assert command(None, "pixels", "list", "--json", HEROPIXEL_DATA=folder) == expected


PEOPLE = """\
Email,External_ID,plan,note
anna@example.com,1,pro,
not an address,2,free,
ben@example.com,,free,"says ""hi"", often"
undefined,,free,
,,free,nobody
carla@example.com,3,pro,Bern,8000
"""


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


def test_commands_work_while_a_server_runs_and_it_notices_within_a_second(world: World, tmp_path: Path) -> None:
    import time

    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    with running(world) as server:
        assert server.pageview(domain="example.net")["message"] == "Domain not authorized"
        command(world, "domains", "add", "example.net", "--pixel", "1")
        command(world, "users", "import", str(file), "--app", world.app_id)
        time.sleep(1)
        assert server.pageview(domain="example.net", md5=MD5_OF_ANNA)["message"] == "User Found"
        command(world, "domains", "remove", "example.net", "--pixel", "1")
        command(world, "apps", "rotate", world.app_id, "--yes")
        time.sleep(1)
        assert server.pageview(domain="example.net")["message"] == "Invalid credentials"


EXPORTED = {
    "eventId": "e-1",
    "url": "https://example.com/a?b=1",
    "title": 'Tea, "green"\nand black',
    "visitorId": "v-1",
    "timestamp": 0,  # set by the test
    "utmSource": "news",
    "consent": True,
    "properties": {"cart": [1, 2.5, {"x": None}], "ü": "✓"},
}


@pytest.mark.parametrize("server_runs", [True, False])
def test_pageviews_export_gives_what_was_sent_under_the_names_of_the_api(
    *, server_runs: bool, world: World, tmp_path: Path
) -> None:
    import time

    sent = {**EXPORTED, "timestamp": time.time_ns() // 1_000_000 - 1000}
    with running(world) as server:
        assert server.pageview(**sent)["code"] == 200
        if server_runs:
            check_exports(world, sent, tmp_path)
        assert server.stop() == 0
    if not server_runs:
        check_exports(world, sent, tmp_path)


def check_exports(world: World, sent: dict[str, Any], folder: Path) -> None:
    line = json.loads(command(world, "pageviews", "export", "--format", "jsonl"))
    assert {name: line[name] for name in sent} == sent
    assert (line["pixelId"], line["domain"]) == (world.pixel, "example.com")

    (row,) = csv.DictReader(io.StringIO(command(world, "pageviews", "export", "--format", "csv"), newline=""))
    assert (row["eventId"], row["title"], row["timestamp"]) == (sent["eventId"], sent["title"], str(sent["timestamp"]))
    assert json.loads(row["properties"]) == sent["properties"]

    file = folder / "pageviews.parquet"
    command(world, "pageviews", "export", "--format", "parquet", "--output", str(file))
    (record,) = pyarrow.parquet.read_table(file).to_pylist()
    assert (record["eventId"], record["timestamp"]) == (sent["eventId"], sent["timestamp"])


def test_an_export_without_pageviews_is_empty(world: World) -> None:
    assert command(world, "pageviews", "export") == ""


def test_the_operators_door_stays_shut_without_its_token(world: World) -> None:
    with running(world) as server:
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            assert server.http.get("/operator/pageviews", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("environment", "words", "says"),
    [
        ({"HEROPIXEL_PORT": "abc"}, ("apps", "list"), "HEROPIXEL_PORT cannot be used"),
        ({"HEROPIXEL_PORT": "99999"}, ("serve",), "HEROPIXEL_PORT cannot be used"),
        ({"HEROPIXEL_MAX_BODY": "much"}, ("apps", "list"), "HEROPIXEL_MAX_BODY cannot be used"),
        ({"HEROPIXEL_KEY": "0" * 65}, ("apps", "list"), "HEROPIXEL_KEY cannot be used"),
        ({"HEROPIXEL_KEY": "0" * 130}, ("apps", "list"), "HEROPIXEL_KEY cannot be used"),
        ({}, ("serve", "--port", "99999"), "65535"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_used_is_named(
    world: World, environment: dict[str, str], words: tuple[str, ...], says: str
) -> None:
    said = command(world, *words, expect=2, **environment)
    assert says in " ".join(said.split())
    assert "Traceback" not in said


def test_an_unknown_variable_is_reported_at_the_start(world: World) -> None:
    with running(world, adress_rate="secret", nonsense="1", pixel_rate="0") as server:
        lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("HEROPIXEL_ADRESS_RATE is not a setting; did you mean HEROPIXEL_ADDRESS_RATE?", "warning"),
        ("HEROPIXEL_NONSENSE is not a setting; see docs/settings.md", "warning"),
    ]


def test_what_libraries_log_is_json_as_well(world: World) -> None:
    with running(world) as server:
        address = server.http.base_url
        with socket.create_connection((address.host, address.port), timeout=10) as raw:
            raw.sendall(b"nonsense\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert server.stop() == 0
        (line,) = (json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{"))
    assert (line["event"], line["level"]) == ("Invalid HTTP request received.", "warning")
    assert set(line) == {"event", "level", "timestamp"}


def test_a_key_that_cannot_be_used_is_not_shown(world: World) -> None:
    secret = "0123456789abcdef" * 4 + "xy"
    assert secret[:8] not in command(world, "apps", "list", expect=2, HEROPIXEL_KEY=secret)


@pytest.mark.parametrize("content", [b"garbage", b"abc", b"\xff\xfe", b""])
def test_a_key_file_that_holds_no_key_is_named(world: World, tmp_path: Path, content: bytes) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    (world.folder / "directory.key").write_bytes(content)
    said = command(world, "users", "import", str(people), "--app", world.app_id, expect=6)
    assert "directory.key does not hold a key" in " ".join(said.split())


def test_a_key_that_is_gone_is_not_replaced(world: World, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    command(world, "users", "import", str(people), "--app", world.app_id)
    (world.folder / "directory.key").unlink()
    command(world, "users", "import", str(people), "--app", world.app_id, expect=6)
    assert not (world.folder / "directory.key").exists()


def test_a_name_is_printed_as_it_is(world: World) -> None:
    command(world, "apps", "create", "[/foo] [red]x[/red]")
    assert "[/foo] [red]x[/red]" in command(world, "apps", "list", COLUMNS="200")


def test_where_no_terminal_is_nothing_is_cut_or_folded(world: World) -> None:
    name, domains = "x" * 250, [f"{'shop' * 15}.{'long' * 15}.example{number}.org" for number in range(9)]
    words = [word for domain in domains for word in ("--domain", domain)]
    said = command(world, "pixels", "create", name, "--app", world.app_id, *words)
    assert ", ".join(domains) in said
    (row,) = (line for line in command(world, "pixels", "list").splitlines() if name in line)
    assert world.app_id in row
    assert ", ".join(domains) in row
    assert f"Pixel 2 is now called {name}." in command(world, "pixels", "rename", "2", name).splitlines()


def test_what_is_written_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder, exported = tmp_path / "data", tmp_path / "pageviews.jsonl"
    folder.mkdir(mode=0o755)
    command(None, "apps", "create", "Shop", "--data", str(folder))
    command(None, "pageviews", "export", "--output", str(exported), "--data", str(folder))
    files = [exported, *(file for file in folder.iterdir() if file.is_file())]
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_an_export_ignores_the_proxy_of_the_environment(world: World) -> None:
    with running(world) as server:
        server.pageview()
        exported = command(
            world, "pageviews", "export", HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9"
        )
    assert exported.count("\n") == 1


def test_an_export_that_fails_leaves_the_file_that_was_there(world: World, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("before")
    with running(world) as server:
        server.process.send_signal(19)  # SIGSTOP: it holds the folder, and does not answer
        (world.folder / "heropixel.lock").write_text('{"pid":1,"command":"x","url":"http://127.0.0.1:9","token":"t"}')
        command(world, "pageviews", "export", "--output", str(kept), expect=3)
        server.process.send_signal(18)
    assert kept.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir() if "kept" in file.name] == ["kept.jsonl"]


def test_a_file_that_cannot_be_exported_to_is_named(world: World, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "x.csv"):
        assert "it cannot be written" in command(world, "pageviews", "export", "--output", str(path), expect=2)


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


def test_the_version_is_shown(world: World) -> None:
    assert command(world, "--version").startswith("heropixel 0.")
