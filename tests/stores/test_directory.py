"""What the directory promises, on every backend."""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from heropixel import folder
from heropixel.calendars import Calendar, Weekday
from heropixel.directory import Directory, open_directory
from heropixel.directory.apps import app_number, create_app, rotate_secret
from heropixel.directory.keys import check_key
from heropixel.directory.member_tables import members
from heropixel.directory.pixels import add_domain, create_pixel, delete_pixel, set_consent_mode
from heropixel.directory.registry import POLL_SECONDS, Registry
from heropixel.directory.return_hosts import add_return_host
from heropixel.directory.schema import MIGRATIONS, NEWEST
from heropixel.directory.tables import app_of_user
from heropixel.directory.users import User, add_users, note_pasts, put_identifiers, reserve_ids
from heropixel.troubles import FolderFromNewerVersion, KeyMissing, UnknownStore
from tests.databases import new_urls
from tests.stores.stored import all_that_is_stored
from tests.world import command, make_world, running


@pytest.fixture
def directory(fresh_directory: Directory) -> Directory:
    return fresh_directory


def schema(url: str) -> dict[str, object]:
    """Every table as the database has it."""
    engine = create_engine(url)
    found = inspect(engine)
    tables: dict[str, object] = {
        name: (
            [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(name)],
            sorted((key["name"] or "", tuple(key["column_names"])) for key in found.get_unique_constraints(name)),
            found.get_pk_constraint(name)["constrained_columns"],
            sorted(tuple(key["constrained_columns"]) for key in found.get_foreign_keys(name)),
        )
        for name in found.get_table_names()
        if name not in ("alembic_version", "sqlite_sequence")
    }
    with engine.connect() as connection:
        rowless = connection.execute(text("SELECT name FROM pragma_table_list WHERE wr = 1 ORDER BY name"))
        tables["without rowid"] = tuple(name for (name,) in rowless if not name.startswith("sqlite_"))
    engine.dispose()
    return tables


def test_a_fresh_directory_equals_a_migrated_one(tmp_path: Path) -> None:
    open_directory(f"sqlite:///{tmp_path / 'migrated'}").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'fresh'}")
    members.metadata.create_all(engine)
    engine.dispose()
    migrated, fresh = (schema(f"sqlite:///{tmp_path / name}") for name in ("migrated", "fresh"))
    assert migrated == fresh
    assert migrated["without rowid"] == ("contacts", "identifiers", "suppressed")


def test_the_newest_schema_is_the_one_that_alembic_migrates_to(directory: Directory) -> None:
    migrated = directory.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert [NEWEST] == heads == [migrated]


def test_a_directory_from_a_newer_version_is_refused(directory_url: str) -> None:
    directory = open_directory(directory_url)
    with directory.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    directory.close()
    with pytest.raises(FolderFromNewerVersion):
        open_directory(directory_url)


def test_a_kind_of_directory_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownStore, match="sqlite:////path"):
        open_directory("mysql://host/name")


def test_what_another_process_changes_is_noticed(directory: Directory) -> None:
    registry = Registry(directory.another())
    assert not registry.refresh()
    with directory.writing() as connection:
        number = app_number(connection, create_app(connection, "Shop", now=1).app_id)
        pixel = create_pixel(connection, number, "Web", ["example.com"], now=1)
    assert registry.refresh()
    assert registry.pixels[pixel].authorises("www.example.com")
    with directory.writing() as connection:
        add_domain(connection, pixel, "www.example.org")
    assert registry.refresh()
    assert registry.pixels[pixel].authorises("www.example.org")
    assert not registry.pixels[pixel].authorises("example.org"), "a subdomain authorises itself alone"
    with directory.writing() as connection:
        add_return_host(connection, pixel, "pay.example.net")
    assert registry.refresh()
    assert registry.owns(pixel, "eu.pay.example.net")
    assert not registry.owns(pixel, "example.net")
    assert not registry.pixels[pixel].authorises("pay.example.net"), "it sends visitors back, and has no pages"
    assert registry.pixels[pixel].consent_mode == "REQUIRED"
    with directory.writing() as connection:
        set_consent_mode(connection, pixel, "NONE")
    assert registry.refresh()
    assert registry.pixels[pixel].consent_mode == "NONE"


def test_a_mapped_directory_has_what_others_write_and_erase(directory: Directory, backend: str) -> None:
    mapped = directory.another(mapped=True)
    if backend == "sqlite":
        assert mapped.connection.exec_driver_sql("PRAGMA mmap_size").scalar_one() > 0
    registry = Registry(mapped)
    with directory.writing() as connection:
        number = app_number(connection, create_app(connection, "Shop", now=1).app_id)
        last = [create_pixel(connection, number, f"Web {n}", ["example.com"], now=1) for n in range(2_000)][-1]
    directory.scrub()  # what was mapped at first is a part of the file now
    assert registry.refresh()
    assert registry.pixels[last].authorises("example.com")
    with directory.writing() as connection:
        delete_pixel(connection, last, erase=True, origin="API", now=2)
    assert registry.refresh()
    assert last not in registry.pixels
    mapped.close()


def test_pixels_of_an_older_directory_demand_consent_and_have_the_calendar_that_reports_had(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'directory.sqlite3'}"
    directory = open_directory(url)
    with directory.writing() as connection:
        number = app_number(connection, create_app(connection, "Shop", now=1).app_id)
        pixel = create_pixel(connection, number, "Web", ["example.com"], now=1, consent_mode="NONE")
        for column in ("consent_mode", "timezone", "week_starts_on"):
            connection.execute(text(f"ALTER TABLE pixels DROP COLUMN {column}"))
        connection.execute(text("ALTER TABLE identifiers DROP COLUMN linked_at"))
        connection.execute(text("DROP TABLE claims"))
        connection.execute(text("DROP TABLE unlinks"))
        connection.execute(text("ALTER TABLE erasures DROP COLUMN known_by"))
        connection.execute(text("ALTER TABLE shares DROP COLUMN show_people"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    directory.close()
    directory = open_directory(url)
    found = Registry(directory).pixels[pixel]
    assert (found.consent_mode, found.calendar) == ("REQUIRED", Calendar(ZoneInfo("UTC"), Weekday.MONDAY))
    directory.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - another thread does it, which has no event
            await asyncio.sleep(0.01)


async def test_a_registry_that_could_not_read_once_goes_on_looking(directory: Directory) -> None:
    registry = Registry(directory.another(wait_seconds=0))
    looking = asyncio.create_task(registry.keep_fresh())
    with structlog.testing.capture_logs() as said:
        directory.connection.exec_driver_sql("ALTER TABLE state RENAME TO away")
        await until(lambda: len(said) == 1)
        await asyncio.sleep(2 * POLL_SECONDS)  # it is logged once
        directory.connection.exec_driver_sql("ALTER TABLE away RENAME TO state")
        with directory.writing() as connection:
            app = create_app(connection, "Shop", now=1)
        await until(lambda: len(said) == 2 and app.app_id in registry.apps)
    looking.cancel()
    assert app.app_id in registry.apps
    assert [line["event"] for line in said] == [
        "changes of apps and pixels are not noticed now",
        "changes of apps and pixels are noticed again",
    ]


def test_users_that_are_learned_do_not_make_every_server_read_the_apps_again(directory: Directory) -> None:
    registry = Registry(directory.another())
    with directory.writing() as connection:
        number = app_number(connection, create_app(connection, "Shop", now=1).app_id)
    assert registry.refresh()
    with directory.writing() as connection:
        reserve_ids(connection, number, 10)
    assert not registry.refresh()


def test_only_a_hash_of_a_secret_is_stored_and_rotating_replaces_it(directory: Directory) -> None:
    with directory.writing() as connection:
        made = create_app(connection, "Shop", now=1)
        number = app_number(connection, made.app_id)
        rotated = rotate_secret(connection, number, 0, now=2)
    assert rotated != made.secret
    stored = directory.connection.execute(text("SELECT app, sha256 FROM secrets")).all()
    assert stored == [(number, hashlib.sha256(rotated.encode()).digest())]
    for secret in (made.secret, rotated):
        assert secret.encode() not in all_that_is_stored(directory)


def test_ids_of_users_are_never_given_out_twice_and_belong_to_their_app(directory: Directory) -> None:
    given: list[int] = []
    with directory.writing() as connection:
        numbers = [app_number(connection, create_app(connection, name, now=1).app_id) for name in ("one", "two")]
        for number in (*numbers, *numbers):
            ids = [*reserve_ids(connection, number, 100)]
            assert {app_of_user(user_id) for user_id in ids} == {number}
            given += ids
    assert len(set(given)) == 400


def test_of_identifiers_with_one_key_in_a_batch_the_last_counts(directory: Directory) -> None:
    with directory.writing() as connection:
        app = app_number(connection, create_app(connection, "Shop", now=1).app_id)
        ann, bob = reserve_ids(connection, app, 2)
        add_users(connection, [User(user, None, None, 1) for user in (ann, bob)], learned=False)
        for owners in ((ann, bob), (bob, ann, bob)):
            put_identifiers(connection, [(b"tablet", user, 0, 0, False, since) for since, user in enumerate(owners)])
    assert directory.connection.execute(text("SELECT user_id, linked_at FROM identifiers")).all() == [(bob, 2)]


def test_of_several_pasts_of_a_user_the_earliest_counts(directory: Directory) -> None:
    with directory.writing() as connection:
        app = app_number(connection, create_app(connection, "Shop", now=1).app_id)
        ann, bob = reserve_ids(connection, app, 2)
        add_users(connection, [User(user, None, None, 9) for user in (ann, bob)], learned=False)
        note_pasts(connection, [(ann, 3, False), (ann, 5, True), (ann, 4, False)])
        note_pasts(connection, [(bob, 7, False), (bob, 4, False), (bob, 6, False)])
    stored = directory.connection.execute(text("SELECT created_at, learned FROM users ORDER BY id")).all()
    assert stored == [(3, True), (4, False)]


def test_a_transaction_that_fails_leaves_nothing(directory: Directory) -> None:
    def fail_half_way() -> None:
        with directory.writing() as connection:
            create_app(connection, "Shop", now=1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert directory.connection.execute(text("SELECT count(*) FROM apps")).scalar() == 0
    with directory.writing() as connection:
        create_app(connection, "Shop", now=1)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    assert folder.key_of(tmp_path, make_one=False) is None
    key = folder.key_of(tmp_path, make_one=True)
    assert key is not None
    assert len(key) == 32
    assert folder.key_of(tmp_path, make_one=True) == folder.key_of(tmp_path, make_one=False) == key
    assert (tmp_path / "directory.key").stat().st_mode & 0o777 == 0o600


def test_another_key_is_refused(directory: Directory) -> None:
    check_key(directory, b"a" * 32)
    check_key(directory, b"a" * 32)
    with pytest.raises(KeyMissing):
        check_key(directory, b"b" * 32)


@pytest.mark.process
def test_a_stolen_database_cannot_be_searched_with_a_list_of_addresses(backend: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    world = make_world(data, new_urls(data) if backend == "postgresql" else {})
    email = "anna@example.com"
    md5_only = hashlib.md5(b"ben@example.com").hexdigest()
    people = world.folder.parent / "people.jsonl"
    people.write_text(f'{{"md5": "{md5_only}"}}')
    command(world, "users", "import", str(people), "--app", world.app_id)
    with running(world) as server:
        assert server.pageview(email=email)["message"] == "User Created"
        assert server.pageview(md5=md5_only)["message"] == "User Found"
        server.loaded(2)
        server.stop()
    digests = [
        hashlib.new(name, who.encode()).digest()
        for name in ("md5", "sha1", "sha256")
        for who in (email, "ben@example.com")
    ]
    with closing(open_directory(world.settings.url_of_directory())) as directory:
        stored = {Path("directory"): all_that_is_stored(directory)}
    assert world.app_id.encode() in stored[Path("directory")], "this is read in the right place"
    stored |= {file: file.read_bytes() for file in data.rglob("*") if file.is_file() and file.name != "directory.key"}
    for place, content in stored.items():
        for digest in digests:
            assert digest not in content, place
            assert digest.hex().encode() not in content.lower(), place
