"""Merges and erasures are listed, latest first, in pages."""

from typing import Any

import pytest

from tests.contract.reporting import Site
from tests.world import Server

MERGES = """
    query ($auth: AuthInput, $first: Int! = 50, $after: String) { merges(auth: $auth, first: $first, after: $after) {
        code message reason data totalCount nodes { olderId newerId undoneAt origin } edges { cursor }
        pageInfo { hasNextPage endCursor } } }
"""
ERASURES = """
    query ($auth: AuthInput, $first: Int! = 50, $after: String) { erasures(auth: $auth, first: $first, after: $after) {
        code message reason data totalCount nodes { id done requestedAt erased { users } } edges { cursor }
        pageInfo { hasNextPage endCursor } } }
"""
FORGET = "mutation ($auth: AuthInput, $by: UserSelector!) { forget(auth: $auth, by: $by) { code erasure { id } } }"
MERGE = """
    mutation ($auth: AuthInput, $one: UserSelector!, $other: UserSelector!) {
        mergeUsers(auth: $auth, one: $one, other: $other) { merges { id } } }
"""


@pytest.fixture
def site(server: Server) -> Site:
    return Site(server)


def users(site: Site, count: int) -> list[str]:
    identify = "mutation ($auth: AuthInput, $user: UserInput!) { identify(auth: $auth, user: $user) { user { id } } }"
    return [site(identify, user={"externalId": f"u{number}"})["user"]["id"] for number in range(count)]


def pages(site: Site, query: str) -> list[dict[str, Any]]:
    """All nodes, a page after the other."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = site(query, first=2, after=after)
        assert page["code"] == 200, page
        nodes += page["nodes"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


def test_merges_are_listed_with_undone_ones_latest_first(site: Site) -> None:
    none = site(MERGES)
    assert (none["nodes"], none["totalCount"], none["message"].split(";")[0]) == ([], 0, "Nobody was merged yet")
    ids = users(site, 6)
    pairs = [(ids[0], ids[1]), (ids[2], ids[3]), (ids[4], ids[5])]
    made = [site(MERGE, one={"id": one}, other={"id": other})["merges"][0]["id"] for one, other in pairs]
    site("mutation ($auth: AuthInput, $id: ID!) { unmerge(auth: $auth, id: $id) { code } }", id=made[1])
    listed = pages(site, MERGES)
    assert [(node["olderId"], node["newerId"]) for node in listed] == pairs[::-1]
    assert [node["undoneAt"] is None for node in listed] == [True, False, True]
    assert {node["origin"] for node in listed} == {"API"}
    whole = site(MERGES)
    assert (whole["totalCount"], [node["id"] for node in whole["data"]["nodes"]]) == (3, made[::-1])
    assert site(ERASURES, after=whole["edges"][0]["cursor"])["reason"] == "INVALID_CURSOR"


def test_erasures_are_listed_latest_first(site: Site) -> None:
    none = site(ERASURES)
    assert (none["nodes"], none["totalCount"], none["message"].split(";")[0]) == ([], 0, "Nothing was erased yet")
    users(site, 5)
    receipts = [site(FORGET, by={"externalId": f"u{number}"})["erasure"]["id"] for number in range(5)]
    listed = pages(site, ERASURES)
    assert {node["id"] for node in listed} == {*receipts}
    assert len(listed) == len(receipts)
    assert listed == sorted(listed, key=lambda node: (node["requestedAt"], node["id"]), reverse=True)
    assert {node["erased"]["users"] for node in listed} == {1}
    assert site(ERASURES)["totalCount"] == len(receipts)
