"""The doctor of a node, whose stores are on servers: a real PostgreSQL, and the test server of ClickHouse."""

import re
from typing import Any

import pytest

from heropixel.directory import open_directory
from heropixel.directory.schema import NEWEST
from heropixel.doctor.checkup import examine
from heropixel.doctor.database_checks import judged_clocks
from heropixel.doctor.diagnosis import Diagnosis, Verdict
from heropixel.doctor.running import subject_of
from heropixel.journal import open_journal
from heropixel.processes.index import index_of
from heropixel.settings import Settings
from tests.clickhouse.server import ClickHouseServer
from tests.postgres.server import PostgresServer
from tests.world import free_port


def diagnoses(postgres_url: str, **settings: Any) -> dict[str, Diagnosis]:
    """What the checks say of a node with these settings."""
    events = f"clickhouse://hero:{PASSWORD}@127.0.0.1:{free_port()}/pixels?connect_timeout=2"
    urls = {"directory_url": postgres_url, "journal_url": postgres_url, "events_url": events}
    return dict(examine(subject_of(Settings.model_validate({**urls, "port": free_port(), **settings}))))


PASSWORD = "s3cr3t"


@pytest.mark.process
def test_of_a_node_nothing_of_a_folder_is_checked_and_nothing_is_made(
    postgres: PostgresServer, postgres_url: str
) -> None:
    single = f"{postgres_url}{'&' if '?' in postgres_url else '?'}durability=single"
    found = diagnoses(single, key="ab" * 32)
    assert found["durability"].verdict is Verdict.WARNING
    assert found["durability"].found.startswith("accepted by durability=single: synchronous_standby_names is empty")
    assert not {"data folder", "file system", "disk sync", "free disk", "sockets", "port"} & found.keys()
    assert {name for name, one in found.items() if one.verdict is Verdict.BROKEN} == {"event store"}
    assert found["stores"].found == "at a URL: directory, journal, event store"
    assert found["database"].found.startswith("PostgreSQL ")
    assert found["database clock"].verdict is Verdict.OK
    assert found["backlog"].found == "no journal yet: the first node makes it"
    assert found["server"].verdict is Verdict.UNKNOWN
    name = postgres_url.partition("?")[0].rpartition("/")[2]
    assert postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name) == []


@pytest.mark.process
def test_a_database_that_cannot_keep_the_promise_is_broken_with_the_setting_to_change(postgres_url: str) -> None:
    durability = diagnoses(postgres_url, key="ab" * 32)["durability"]
    assert durability.verdict is Verdict.BROKEN
    assert "Set it to a quorum of your standbys, such as ANY 1 (one, two)." in durability.found


def test_two_databases_are_refused_with_both_settings() -> None:
    two = {"journal_url": "postgresql://db.example/other", "key": "ab" * 32}
    durability = diagnoses(f"postgresql://127.0.0.1:{free_port()}/one", **two)["durability"]
    assert "HEROPIXEL_DIRECTORY_URL and HEROPIXEL_JOURNAL_URL cannot be used" in durability.found


@pytest.mark.process
def test_a_node_without_a_key_or_with_another_than_the_others_is_broken(postgres_url: str) -> None:
    assert "HEROPIXEL_KEY is not set." in diagnoses(postgres_url)["key"].found
    directory = open_directory(postgres_url)
    index_of(Settings(directory_url=postgres_url, key="ab" * 32), directory)
    directory.close()
    open_journal(postgres_url).close()
    assert diagnoses(postgres_url, key="ab" * 32)["backlog"].found == "no pageview waits to be loaded"
    assert diagnoses(postgres_url, key="ab" * 32)["key"].found == "HEROPIXEL_KEY fits the directory"
    assert diagnoses(postgres_url, key="ab" * 32)["versions"].found.startswith(f"directory {NEWEST}")
    other = diagnoses(postgres_url, key="cd" * 32)["key"]
    assert other.verdict is Verdict.BROKEN
    assert "for all nodes of a cluster to the same" in other.found


def test_a_database_that_cannot_be_reached_is_broken_and_its_password_not_printed() -> None:
    found = diagnoses(f"postgresql://hero:{PASSWORD}@127.0.0.1:{free_port()}/pixels?connect_timeout=2", key="ab" * 32)
    assert {found[name].verdict for name in ("database", "durability", "database clock", "key")} == {Verdict.BROKEN}
    assert found["database"].found.startswith("postgresql://hero:***@127.0.0.1:")
    assert PASSWORD not in repr(found)


@pytest.mark.process
def test_an_event_store_on_a_server_is_asked_and_nothing_is_made_in_it(postgres_url: str) -> None:
    with ClickHouseServer() as server:
        alone = diagnoses(postgres_url, events_url=server.url("pixels"))["event store"]
        several = diagnoses(postgres_url, events_url=server.url("pixels", "cluster=main"))["event store"]
        asked = [request["statement"] for request in server.asked()]
    assert alone.verdict is Verdict.WARNING
    assert "without replicas" in alone.found
    assert several.verdict is Verdict.OK
    assert several.found.startswith("ClickHouse ")
    assert not [one for one in asked if re.match("CREATE|INSERT|ALTER", one, re.IGNORECASE)]


@pytest.mark.parametrize(("ahead", "verdict"), [(0.2, Verdict.OK), (-300.0, Verdict.WARNING), (300, Verdict.WARNING)])
def test_clocks_that_are_apart_are_a_warning(ahead: float, verdict: Verdict) -> None:
    assert judged_clocks(ahead, "the database").verdict is verdict
