"""A server with its event store on ClickHouse, by HTTP alone: it records, reports, exports and erases."""

import time

from tests.clickhouse.server import ClickHouseServer
from tests.world import World, command, running

REPORT = """
    query($auth: AuthInput) {
        report(auth: $auth, report: {pixelIds: [1], range: {name: LAST_24_HOURS}, dimensions: [CHANNEL],
            metrics: [PAGEVIEWS, VISITORS, SESSIONS, NEW_USERS]}) {
            code message rows { channel pageviews visitors { count } sessions newUsers }
        }
    }
"""
FORGET = """
    mutation($auth: AuthInput) {
        forget(auth: $auth, by: {email: "ann@example.com"}) { code message erasure { id } }
    }
"""
DONE = "query($auth: AuthInput, $id: ID!) { erasure(auth: $auth, id: $id) { erasure { done } } }"
SEEN = "query($auth: AuthInput) { pageviews(auth: $auth, pixelIds: [1], first: 9) { nodes { visitorId } } }"


def test_a_server_with_its_events_on_clickhouse_records_reports_and_erases(
    world: World, replica: ClickHouseServer
) -> None:
    url = replica.new_store("cluster=here")
    with running(world, events_url=url) as server:
        for email in ("ann@example.com", "ben@example.com", "ann@example.com"):
            assert server.pageview(email=email, visitorId=f"browser-of-{email[:3]}")["code"] == 200
        server.loaded(3)
        answer = server.graphql(REPORT, {"auth": world.auth})
        assert "errors" not in answer, answer
        report = answer["data"]["report"]
        assert report["code"] == 200, report["message"]
        (row,) = report["rows"]
        assert row == {"channel": "DIRECT", "pageviews": 3, "visitors": {"count": 2}, "sessions": 2, "newUsers": 2}
        forgotten = server.graphql(FORGET, {"auth": world.auth})["data"]["forget"]
        assert forgotten["code"] == 200, forgotten
        asked = {"auth": world.auth, "id": forgotten["erasure"]["id"]}
        until = time.monotonic() + 30
        while not server.graphql(DONE, asked)["data"]["erasure"]["erasure"]["done"]:
            assert time.monotonic() < until, "the erasure is still pending"
            time.sleep(0.1)
        nodes = server.graphql(SEEN, {"auth": world.auth})["data"]["pageviews"]["nodes"]
        assert sorted(node["visitorId"] or "" for node in nodes) == ["", "", "browser-of-ben"]
        log = server.log.read_text()
    lines = command(world, "pageviews", "export", HEROPIXEL_EVENTS_URL=url).splitlines()
    assert len(lines) == 3
    assert "s3cret" not in log
