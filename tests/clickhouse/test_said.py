"""What a server says of an event store that is away or behind: in reports, in receipts, and in commands."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.clickhouse.server import UNAVAILABLE, ClickHouseServer
from tests.world import Server, World, command, running

REPORT = """
    query($auth: AuthInput) {
        report(auth: $auth, report: {pixelIds: [1], range: {name: LAST_24_HOURS}, metrics: [PAGEVIEWS]}) {
            code message asOf secondsBehind rows { pageviews }
        }
    }
"""
FORGET = """
    mutation($auth: AuthInput, $email: String!) {
        forget(auth: $auth, by: {email: $email}) { code erasure { id done waitsFor } }
    }
"""
RECEIPT = "query($auth: AuthInput, $id: ID!) { erasure(auth: $auth, id: $id) { message erasure { done waitsFor } } }"
LISTED = "query($auth: AuthInput) { erasures(auth: $auth) { nodes { waitsFor } data } }"
A_LOT = 1_000_000  # times


@pytest.fixture
def events_url(replica: ClickHouseServer) -> Iterator[str]:
    yield replica.new_store("cluster=here")
    replica.asked()


def asked(server: Server, query: str, **variables: Any) -> Any:
    body = server.graphql(query, {"auth": server.world.auth, **variables})
    assert "errors" not in body, body
    (answer,) = body["data"].values()
    return answer


def until(seen: Callable[[], bool]) -> None:
    ending = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < ending, "it did not happen"
        time.sleep(0.2)


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_report_says_how_far_it_is_behind_and_a_receipt_what_it_waits_for(
    world: World, replica: ClickHouseServer, events_url: str
) -> None:
    with running(world, events_url=events_url) as server:
        for email in ("ann@example.com", "ben@example.com"):
            assert server.pageview(email=email)["code"] == 200
        server.loaded(2)
        report = asked(server, REPORT)
        assert report["rows"] == [{"pageviews": 2}]
        assert report["secondsBehind"] <= 2, "nothing waits"

        replica.fail(UNAVAILABLE, "^INSERT INTO", A_LOT)
        before = time.time()
        assert server.pageview(email="ann@example.com")["code"] == 200
        time.sleep(2.1)
        report = asked(server, REPORT)
        assert (report["code"], report["rows"]) == (200, [{"pageviews": 2}]), "what was loaded is counted"
        assert report["secondsBehind"] >= 1
        assert before - 0.1 <= instant(report["asOf"]) <= before + 1, "that of the pageview that waits"

        forgotten = asked(server, FORGET, email="ann@example.com")["erasure"]
        assert (forgotten["done"], forgotten["waitsFor"]) == (False, "PAGEVIEWS")
        receipt = asked(server, RECEIPT, id=forgotten["id"])
        assert receipt["message"].startswith("Pageviews from before the request are still being loaded")

        replica.fail(UNAVAILABLE, "", A_LOT)
        assert asked(server, RECEIPT, id=forgotten["id"])["erasure"]["waitsFor"] == "EVENT_STORE"
        listed = asked(server, LISTED)
        assert listed["nodes"][0]["waitsFor"] == listed["data"]["nodes"][0]["waitsFor"] == "EVENT_STORE"
        said = command(world, "erasures", "list", HEROPIXEL_EVENTS_URL=events_url)
        assert "The event store is not reachable" in " ".join(said.split())
        assert str(replica.port) not in said, "people are not told where it is"

        replica.lose("here-2")
        until(lambda: bool(asked(server, RECEIPT, id=forgotten["id"])["erasure"]["waitsFor"] == "REPLICA"))
        shown = json.loads(
            command(world, "erasures", "show", forgotten["id"], "--json", HEROPIXEL_EVENTS_URL=events_url)
        )
        assert (shown["done"], shown["waitsFor"]) == (False, "REPLICA")

        replica.asked()  # all is well again
        until(lambda: bool(asked(server, RECEIPT, id=forgotten["id"])["erasure"] == {"done": True, "waitsFor": None}))
        report = asked(server, REPORT)
        assert report["rows"] == [{"pageviews": 3}]
        assert report["secondsBehind"] <= 2
    answer = json.loads(command(world, "report", "--json", HEROPIXEL_EVENTS_URL=events_url))
    assert time.time() - instant(answer["asOf"]) < 30, "the command loads first what waits"
