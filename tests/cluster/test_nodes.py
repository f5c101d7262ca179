"""Nodes with the same stores: what one was told, all obey; and what one accepted is there once."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.nodes import Cluster, Node, new_cluster
from tests.contract.listening import Socket, socket


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with new_cluster(Path(tmp_path_factory.mktemp("cluster"))) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def nodes(cluster: Cluster) -> Iterator[list[Node]]:
    with cluster.node() as one, cluster.node() as other:
        yield [one, other]


@pytest.fixture(scope="module")
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as threads:
        yield threads


def asked(node: Node, query: str, **variables: Any) -> Any:
    """The answer to one operation with the app's credentials."""
    body = node.graphql(query, {"auth": node.world.auth, **variables})
    assert "errors" not in body, body
    (answer,) = body["data"].values()
    return answer


IDENTIFY = (
    "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { code message user { id } } }"
)


def new_pixel(node: Node) -> int:
    query = 'mutation ($auth: AuthInput) { createPixel(auth: $auth, name: "x", domains: ["a.com", "b.com"])'
    number: int = asked(node, f"{query} {{ pixel {{ id }} }} }}")["pixel"]["id"]
    return number


def test_a_command_works_from_any_machine_that_has_the_urls(cluster: Cluster, nodes: list[Node]) -> None:
    made = cluster.command("pixels", "create", "Blog", "--domain", "blog.example", "--json")
    pixel = json.loads(made)["id"]
    for node in nodes:
        assert node.pageview(pixelId=pixel, domain="blog.example")["code"] == 200, "at once"
    assert not (cluster.folder / "data").exists(), "it leaves nothing there"


def test_the_same_event_id_at_two_nodes_at_once_is_recorded_once(
    cluster: Cluster, nodes: list[Node], threads: ThreadPoolExecutor
) -> None:
    names = [f"twice-{number}" for number in range(40)]
    sent = [threads.submit(node.pageview, eventId=name, externalId=name) for name in names for node in nodes]
    answers = [one.result() for one in sent]
    assert {answer["code"] for answer in answers} == {200}
    found = [row["eventId"] for row in cluster.exported() if row["eventId"].startswith("twice-")]
    assert sorted(found) == sorted(names)


def test_the_same_two_people_merged_from_two_nodes_at_once_are_one(
    nodes: list[Node], threads: ThreadPoolExecutor
) -> None:
    for number in range(8):
        by = ({"externalId": f"m-{number}"}, {"email": f"m-{number}@example.com"})
        for user in by:
            assert asked(nodes[0], IDENTIFY, user=user)["code"] == 200
        both = [threads.submit(asked, node, IDENTIFY, user=by[0] | by[1]) for node in nodes]
        answers = [one.result() for one in both]
        assert [answer["code"] for answer in answers] == [200, 200]
        assert len({answer["user"]["id"] for answer in answers}) == 1
        assert sorted(answer["message"] for answer in answers) == ["User merged", "User unchanged"]


def test_who_is_suppressed_at_one_node_is_not_resolved_at_another_in_the_next_moment(nodes: list[Node]) -> None:
    suppress = "mutation ($auth: AuthInput, $contacts: [ContactInput!]!) { suppress(auth: $auth, contacts: $contacts)"
    suppress += " { code } }"
    one, other = nodes
    for number in range(10):
        email = f"s-{number}@example.com"
        assert asked(other, IDENTIFY, user={"email": email, "externalId": f"s-{number}"})["code"] == 200
        assert other.pageview(externalId=f"s-{number}")["match"]["found"]
        assert asked(one, suppress, contacts=[{"email": email}])["code"] == 200
        seen = other.pageview(externalId=f"s-{number}")
        assert (seen["code"], seen["match"]["found"], seen["match"]["missReason"]) == (200, False, "SUPPRESSED")
        one, other = other, one


def test_pixels_and_domains_changed_at_one_node_hold_at_another_from_the_next_pageview_on(
    nodes: list[Node],
) -> None:
    one, other = nodes
    remove = (
        'mutation ($auth: AuthInput, $id: Int!) { removeDomain(auth: $auth, pixelId: $id, domain: "b.com") { code } }'
    )
    delete = "mutation ($auth: AuthInput, $id: Int!) { deletePixel(auth: $auth, id: $id, pageviews: KEEP) { code } }"
    for _ in range(5):
        pixel = new_pixel(one)
        assert other.pageview(pixelId=pixel, domain="b.com")["code"] == 200, "a new pixel is known at once"
        assert asked(one, remove, id=pixel)["code"] == 200
        assert other.pageview(pixelId=pixel, domain="b.com")["reason"] == "DOMAIN_NOT_AUTHORIZED"
        assert other.pageview(pixelId=pixel, domain="a.com")["code"] == 200
        assert asked(one, delete, id=pixel)["code"] == 200
        assert other.pageview(pixelId=pixel, domain="a.com")["reason"] == "PIXEL_NOT_FOUND"
        one, other = other, one


def test_a_secret_that_was_rotated_at_one_node_works_no_more_at_another_and_the_new_one_does(
    cluster: Cluster, nodes: list[Node]
) -> None:
    rotate = "mutation ($auth: AuthInput) { rotateSecret(auth: $auth) { code appSecret } }"
    send = "mutation ($auth: AuthInput, $e: PageviewEventInput!) { pageview(auth: $auth, event: $e) { code reason } }"
    auth = json.loads(cluster.command("apps", "create", "Rotating", "--json"))
    made = cluster.command("pixels", "create", "x", "--domain", "a.com", "--app", auth["appId"], "--json")
    pixel = json.loads(made)["id"]
    event = {"pixelId": pixel, "domain": "a.com"}
    one, other = nodes
    assert one.graphql(send, {"auth": auth, "e": event})["data"]["pageview"]["code"] == 200, (
        "a new app is known at once"
    )
    for _ in range(4):
        secret = one.graphql(rotate, {"auth": auth})["data"]["rotateSecret"]["appSecret"]
        refused = other.graphql(send, {"auth": auth, "e": event})["data"]["pageview"]
        assert refused["reason"] == "INVALID_CREDENTIALS", refused
        auth = auth | {"appSecret": secret}
        assert other.graphql(send, {"auth": auth, "e": event})["data"]["pageview"]["code"] == 200
        one, other = other, one


async def begins_to_hear(listening: Socket, other: Node) -> None:
    """Wait until a node reads what another one records: it begins a moment after its first subscriber has come."""
    for number in range(20):
        event_id = await asyncio.to_thread(lambda name: other.pageview(eventId=name)["eventId"], f"first-{number}")
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                while (await listening.pageview())["eventId"] != event_id:
                    pass
                return
    raise AssertionError("it hears nothing")


async def longest_but_for_a_quarter(listening: Socket, nodes: Sequence[Node], name: str) -> float:
    """The time in which three quarters of 20 pageviews are heard once they are answered, in seconds."""
    delays = []
    for number in range(20):
        answer = await asyncio.to_thread(nodes[number % 3].pageview, eventId=f"{name}-{number}")
        assert answer["code"] == 200
        answered = time.monotonic()
        assert (await listening.pageview())["eventId"] == f"{name}-{number}"
        delays.append(time.monotonic() - answered)
    return sorted(delays)[len(delays) * 3 // 4]


async def test_subscribers_of_one_node_hear_of_the_others_pageviews_within_250_ms_in_order_and_once(
    nodes: list[Node],
) -> None:
    one, other = nodes
    async with socket(one) as listening:
        await listening.subscribe(pixelIds=[one.world.pixel])
        await begins_to_hear(listening, other)
        waited = [1.0]
        while min(waited) >= 0.25 and len(waited) <= 3:  # a machine that has much else to do is slow at times
            waited.append(await longest_but_for_a_quarter(listening, (one, other, other), f"live-{len(waited)}"))
        assert min(waited) < 0.25
        sent = [f"burst-{number}" for number in range(100)]
        for name in sent:
            await asyncio.to_thread(other.pageview, eventId=name)
        assert [(await listening.pageview())["eventId"] for _ in sent] == sent
        assert await listening.hears_nothing()


def test_who_is_forgotten_at_one_node_is_erased_from_what_all_have_accepted(
    cluster: Cluster, nodes: list[Node]
) -> None:
    forget = "mutation ($auth: AuthInput, $by: UserSelector!) { forget(auth: $auth, by: $by) { code erasure { id } } }"
    before = len(cluster.exported())
    assert asked(nodes[1], IDENTIFY, user={"externalId": "gone"})["code"] == 200
    for node in nodes:
        for number in range(5):
            answer = node.pageview(externalId="gone", eventId=f"gone-{node.url[-3:]}-{number}", title="about gone")
            assert answer["code"] == 200
    assert asked(nodes[0], forget, by={"externalId": "gone"})["code"] == 200
    rows = cluster.exported()
    assert len(rows) == before + 10, "they still count"
    assert not [row for row in rows if "gone" in str(row)]
    assert nodes[1].pageview(externalId="gone")["match"]["found"] is False


def test_that_one_disk_is_accepted_is_said_in_ready_in_the_log_and_to_owners(nodes: list[Node]) -> None:
    node = nodes[0]
    assert "durability=single" in node.http.get("/ready").text
    assert "accepted by durability=single" in node.log.read_text()
    (notice,) = asked(node, "query ($auth: AuthInput) { me(auth: $auth) { notices } }")["notices"]
    assert "one disk only" in notice
    assert "remove durability=single from HEROPIXEL_DIRECTORY_URL" in notice
    assert "postgresql://" not in notice
