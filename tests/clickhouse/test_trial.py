"""`heropixel doctor --events`: an operator's event store is tried, its faults are found, and nothing stays there."""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest

from heropixel.doctor.checkup import NamedDiagnosis
from heropixel.doctor.diagnosis import Verdict
from heropixel.doctor.trial import STEPS, Trial, try_events
from heropixel.events import Events
from heropixel.events.connecting import connect
from heropixel.events.pageviews import export
from heropixel.events.place import EventsPlace
from heropixel.troubles import EventsUrlUnusable
from tests.clickhouse.server import FAULTS, PASSWORD, UNAVAILABLE, ClickHouseServer
from tests.session.clickhouse import new_database
from tests.world import command

OK, WARNING, BROKEN = Verdict.OK, Verdict.WARNING, Verdict.BROKEN


@pytest.fixture(scope="module")
def operators(replica: ClickHouseServer) -> Iterator[tuple[str, Events]]:
    """The database of an operator, with a pageview in it that must stay."""
    url = replica.url(new_database(), "cluster=here")
    with closing(Events(url)) as events:
        events.insert(b'{"app": 1, "pixel_id": 2, "timestamp": "1800000000000", "journal_position": 5}', "kept")
        yield url, events


@pytest.fixture
def kept(operators: tuple[str, Events], replica: ClickHouseServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The same. After the test it is as it was, and nothing else is there."""
    url, events = operators
    monkeypatch.setattr("heropixel.doctor.trial._PAUSE_SECONDS", 0.05)
    replica.asked()
    yield url
    replica.asked()
    assert [*events.ask("SELECT count() FROM pageviews")[0]] == [1]
    assert databases(url) == [EventsPlace.of(url).database]


def databases(url: str) -> list[str]:
    place = EventsPlace.of(url)
    asked = f"SELECT name FROM system.databases WHERE name = '{place.database}' OR name LIKE 'heropixel_doctor%'"
    with closing(connect(place)) as client:
        return [name for (name,) in client.query(asked).result_rows]


def tried(url: str) -> dict[str, NamedDiagnosis]:
    return {one.name: one for one in try_events(Trial(url))}


def test_every_step_is_well_on_a_cluster_and_nothing_stays(kept: str) -> None:
    told = json.loads(command(None, "doctor", "--events", "-", "--json", HEROPIXEL_EVENTS_URL=kept))
    checks = {check["name"]: check for check in told["checks"]}
    assert list(checks) == [*STEPS, "nothing stays"]
    assert told["ok"] is True
    assert {check["verdict"] for check in told["checks"]} == {"OK"}, checks
    assert "AggregatingMergeTree" in checks["tables"]["found"]
    assert "1 visitor, 1 visit" in checks["report"]["found"]
    assert PASSWORD not in str(told)


def test_requests_that_fail_are_repeated_and_each_row_is_there_once_all_the_same(
    kept: str, replica: ClickHouseServer
) -> None:
    statements = (
        "^INSERT INTO `?pageviews",
        "journal_position BETWEEN",
        "pageviews UPDATE",
        "DELETE",
        "^DROP",
    )
    replica._tell([{"kind": kind, "matching": to, "times": 1} for kind, to in zip(FAULTS, statements, strict=True)])
    found = tried(kept)
    assert {name: one.diagnosis.verdict for name, one in found.items()} == dict.fromkeys(found, OK), found


def test_what_never_succeeds_is_broken_and_what_cannot_be_dropped_is_named_with_its_statement(
    kept: str, replica: ClickHouseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heropixel.doctor.trial._REPLICAS_SECONDS", 0.0)
    always = [{"kind": UNAVAILABLE, "matching": what, "times": 1000} for what in ("^INSERT INTO `?pageviews", "^DROP")]
    replica._tell(always, ["here-2"])
    found = {name: one.diagnosis for name, one in tried(kept).items()}
    assert found["insert"].verdict is BROKEN
    assert found["replicas"].found.startswith("1 of 2 replicas do not answer")
    last = found["nothing stays"]
    assert last.verdict is WARNING
    assert last.to_do.startswith("Run: DROP DATABASE IF EXISTS heropixel_doctor_")
    replica.asked()
    with closing(connect(EventsPlace.of(kept))) as client:
        client.command(last.to_do.removeprefix("Run: "))


def test_a_replica_that_answers_before_it_has_followed_is_no_fault(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = [{"pixelId": 1, "userId": 7, "visitorId": "browser", "title": "Doctor"}] * 6
    answers = iter([stale])
    monkeypatch.setattr("heropixel.doctor.trial.export", lambda *asked: next(answers, None) or export(*asked))
    found = tried(kept)
    assert {name: one.diagnosis.verdict for name, one in found.items()} == dict.fromkeys(found, OK), found


def test_a_store_that_does_not_heed_tokens_is_found_out(
    kept: str, replica: ClickHouseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heropixel.doctor.trial._REPLICAS_SECONDS", 0.0)
    tokens = iter(["one", "two"])
    insert = Events.insert
    monkeypatch.setattr(Events, "insert", lambda events, rows, _token: insert(events, rows, next(tokens)))
    once = tried(kept)["once"].diagnosis
    assert (once.verdict, once.found) == (BROKEN, "rows: [14] instead of [8]")
    assert "Do not keep pageviews" in once.to_do


def test_an_embedded_event_store_is_not_tried() -> None:
    with pytest.raises(EventsUrlUnusable, match="needs no trial"):
        Trial("chdb:///folder")
