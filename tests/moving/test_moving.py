"""A world moves into a cluster while pageviews come: nothing is lost, and nothing is there twice or different."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import pytest

from tests.clickhouse.server import ClickHouseServer
from tests.contract.beaconing import collect
from tests.crash.test_parts import kill, part
from tests.moving.worlds import Cluster, Visitors, slow, wait_for
from tests.postgres.server import PostgresServer
from tests.session.clickhouse import new_database
from tests.world import Server, World, command, exported, make_world, running, through_operators_door

pytestmark = pytest.mark.process

FORGET = """
mutation ($auth: AuthInput, $by: UserSelector!) {
  forget(auth: $auth, by: $by) { code message erasure { id doneAt } }
}
"""
# By their event ids, which name a person too: those of the one who is erased while the world moves.
ERASED = {f"b-{number}" for number in range(120) if number % 12 == 11}
REPORTS = (
    ("report", "--by", "page", "--metric", "pageviews", "--metric", "visitors", "--metric", "sessions"),
    ("report", "--by", "source", "--by", "country", "--metric", "pageviews", "--metric", "identified-visitors"),
    ("report", "--by", "browser", "--metric", "pageviews", "--metric", "match-rate"),
)
ONLY_BEFORE = ("--filter", "page=/before*", "--last", "30d", "--json")


class Moved(NamedTuple):
    """A world that has moved, and what was seen of it."""

    server: Server
    cluster: Cluster
    visitors: Visitors
    said: str
    exit_code: int
    rows: dict[str, dict[str, Any]]  # pageviews before, by their event ids
    reports: list[Any]  # before
    forgotten: dict[str, Any]  # the answer
    salted: str  # the visitor without consent

    @property
    def world(self) -> World:
        return self.server.world


def _fill(server: Server) -> None:
    for number in range(120):
        person = number % 12
        who = {"email": f"p{person}@example.com"} if number % 3 else {"visitorId": f"browser-number-{person:04}"}
        if number % 7 == 1:
            who |= {"visitorId": f"browser-number-{person:04}"}
        page = f"/before/{number % 5}" if person != 11 else "/erased"
        event = {"eventId": f"b-{number}", "url": f"https://example.com{page}", "ip": "203.0.113.9"}
        event |= {"referrer": ["https://www.google.com/", ""][number % 2], "country": ["CH", "FR"][number % 2]}
        event["userAgent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        assert server.pageview(**event, **who)["code"] == 200
    identify = "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code message } }"
    for person in range(4):  # two people of one external id are one person
        user = {"emails": [f"p{person}@example.com"], "externalId": f"x-{person // 2}", "traits": {"plan": "pro"}}
        assert server.graphql(identify, {"auth": server.world.auth, "user": user})["data"]["identify"]["code"] == 200
    suppress = "mutation ($auth: AuthInput, $c: [ContactInput!]!) { suppress(auth: $auth, contacts: $c) { code } }"
    said = server.graphql(
        suppress, {"auth": server.world.auth, "c": [{"email": "p9@example.com", "reason": "OPT_OUT"}]}
    )
    assert said["data"]["suppress"]["code"] == 200, said


def _beacon(server: Server, path: str) -> None:
    answer = collect(server, "https://example.com", url=f"https://example.com{path}")
    assert answer.status_code == 204, answer.text


def _visitor_of(rows: list[dict[str, Any]], path: str) -> str:
    (row,) = [row for row in rows if row.get("url") == f"https://example.com{path}"]
    return str(row["visitorId"])


def _of_before(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["eventId"]: row for row in rows if row.get("eventId", "").startswith("b-")}


@pytest.fixture(scope="module")
def moved(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer, clickhouse: ClickHouseServer
) -> Iterator[Moved]:
    database = new_database()
    postgres.run(f"CREATE DATABASE {database}")
    cluster = Cluster(postgres.url(database), clickhouse.url(database))
    world = make_world(tmp_path_factory.mktemp("moved") / "data")
    with running(world, doors="1") as server:
        _fill(server)
        _beacon(server, "/without-consent-before")
        rows = exported(world)
        reports = [json.loads(command(world, *report, *ONLY_BEFORE)) for report in REPORTS]
        visitors = Visitors(server, "meanwhile")
        with visitors.coming():
            slow(clickhouse, 1)
            with cluster.moving(world) as moving:
                moving.wait_until_frozen(world)
                by = {"auth": world.auth, "by": {"email": "p11@example.com"}}
                forgotten = server.graphql(FORGET, by)["data"]["forget"]
                clickhouse.asked()  # it goes on
                exit_code = moving.wait()
            assert server.pageview(eventId="after", url="https://example.com/after")["code"] == 200
        _beacon(server, "/without-consent-after")
        yield Moved(
            server,
            cluster,
            visitors,
            moving.log.read_text(),
            exit_code,
            _of_before(rows),
            reports,
            forgotten,
            _visitor_of(rows, "/without-consent-before"),
        )
    postgres.run(f"DROP DATABASE {database} WITH (FORCE)")


def _now(moved: Moved) -> list[dict[str, Any]]:
    lines = moved.cluster.command(moved.world, "pageviews", "export").splitlines()
    return [json.loads(line) for line in lines]


def test_every_pageview_that_was_answered_200_is_there_once(moved: Moved) -> None:
    assert moved.exit_code == 0, moved.said
    assert moved.visitors.others == []
    ids = [row["eventId"] for row in _now(moved) if "eventId" in row]
    assert len(ids) == len(set(ids))
    assert {*moved.visitors.recorded, *moved.rows, "after"} - ERASED <= {*ids}
    assert len(moved.visitors.recorded) > 100


def test_pageviews_wait_a_short_time_only(moved: Moved) -> None:
    assert re.search(r"New ones waited for [012]\.", moved.said), moved.said
    assert moved.visitors.longest < 5, "also where the machine has much else to do"


def test_its_pageviews_and_figures_are_equal_before_and_after(moved: Moved) -> None:
    rows = _of_before(_now(moved))
    assert rows == {name: row for name, row in moved.rows.items() if name not in ERASED}
    assert len(rows) == 110
    for before, words in zip(moved.reports, REPORTS, strict=True):
        after = json.loads(moved.cluster.command(moved.world, *words, *ONLY_BEFORE))
        of_now = {"range": "", "asOf": ""}
        assert after | of_now == before | of_now, "but that it ends now"


def test_an_event_id_of_before_is_known_after(moved: Moved) -> None:
    assert moved.server.pageview(eventId="b-1", email="p1@example.com", url="https://example.com/again")["code"] == 200
    assert moved.server.pageview(eventId="c-1", url="https://example.com/last")["code"] == 200
    wait_for(lambda: "https://example.com/last" in [row.get("url") for row in _now(moved)])
    assert [row["url"] for row in _now(moved) if row.get("eventId") == "b-1"] == ["https://example.com/before/1"]


def test_who_was_erased_meanwhile_is_erased_after(moved: Moved) -> None:
    assert moved.forgotten["code"] == 200, moved.forgotten
    assert moved.forgotten["erasure"]["doneAt"] is None, "nothing is erased while it is copied"
    receipt = moved.forgotten["erasure"]["id"]

    def done() -> bool:
        words = ("erasures", "show", receipt, "--app", moved.world.app_id, "--json")
        return json.loads(moved.cluster.command(moved.world, *words))["doneAt"] is not None

    wait_for(done)
    assert not [row for row in _now(moved) if "p11@example.com" in json.dumps(row)]


def test_people_merges_and_suppressions_are_as_they_were(moved: Moved) -> None:
    said = moved.server.pageview(externalId="x-0")
    assert (said["message"], said["data"]) == ("User Found", {"plan": "pro"})
    assert moved.server.pageview(email="p0@example.com")["user"]["id"] == said["user"]["id"]
    assert moved.server.pageview(email="p1@example.com")["user"]["id"] == said["user"]["id"], "they were merged"
    assert moved.server.pageview(email="p9@example.com")["match"]["missReason"] == "SUPPRESSED"


def test_nobody_without_consent_counts_twice_on_the_day_of_the_move(moved: Moved) -> None:
    assert _visitor_of(_now(moved), "/without-consent-after") == moved.salted


def test_the_folder_says_where_the_world_is(moved: Moved) -> None:
    said = command(moved.world, "pixels", "list", expect=13)
    assert "has moved to postgresql://" in said
    assert "To go back, as long as nothing was recorded there" in said
    assert not (moved.world.folder / "moving").exists()


def test_a_second_move_is_refused(moved: Moved) -> None:
    assert "has moved to postgresql://" in moved.cluster.move(moved.world, expect=13)
    assert (moved.world.folder / "moved.json").exists()


def test_parts_that_die_after_the_move_are_started_again_and_commands_reach_the_server(moved: Moved) -> None:
    server, died = moved.server, ("door-1", "writer", "engine")
    for name in died:
        killed = kill(server, name)
        wait_for(partial(_is_another, server, name, killed))
        assert through_operators_door(server.world, "GET", "/operator/state")
        assert server.pageview(eventId=f"killed-{name}", url="https://example.com/killed")["code"] == 200
    wait_for(lambda: {f"killed-{name}" for name in died} <= {row.get("eventId") for row in _now(moved)})
    assert "a part of the server has failed" not in server.log.read_text()


def _is_another(server: Server, name: str, killed: int) -> bool:
    return part(server, name) not in (0, killed)
