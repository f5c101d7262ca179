"""The first document that was written for this API is answered as it was said to be."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.pageview.asking import digest
from tests.world import Server, World, command, running

SEED = """mutation HeroPixel($event: PageviewEventInput!) {
pageview(auth: { appId: "%s", appSecret: "%s" }, event: $event) { message code data } }"""


def test_the_seeds_document_is_answered_as_the_seed_says(world: World, tmp_path: Path) -> None:
    customers = tmp_path / "customers.csv"
    customers.write_text("email\ncustomer@example.com\n")
    command(world, "users", "import", str(customers), "--app", world.app_id)
    md5 = digest("md5", "customer@example.com")
    request = json.dumps(
        {
            "query": SEED % (world.app_id, world.secret),
            "variables": {"event": {"md5": md5, "pixelId": world.pixel, "domain": "example.com"}},
        }
    )
    expected = '{"data":{"pageview":{"message":"User Found","code":200,"data":{}}}}'
    with running(world) as server:
        headers = {"Content-Type": "application/json"}
        assert server.http.post("/graphql", content=request, headers=headers).text == expected
        curl = [
            "curl",
            "-sS",
            "-X",
            "POST",
            f"{server.url}/graphql",
            "-H",
            "Content-Type: application/json",
            "-d",
            request,
        ]
        done = subprocess.run(curl, capture_output=True, text=True, check=True)
        assert done.stdout == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"email": "", "pixelId": 1, "domain": "example.com"}, {"message": "User Not Found", "code": 200, "data": {}}),
        ({"md5": "", "pixelId": 1, "domain": ""}, {"message": "Invalid domain", "code": 400, "data": {}}),
    ],
)
def test_the_seeds_document_with_other_events(server: Server, event: dict[str, Any], expected: dict[str, Any]) -> None:
    query = SEED % (server.world.app_id, server.world.secret)
    assert server.graphql(query, {"event": event}) == {"data": {"pageview": expected}}


def test_the_seeds_empty_credentials_are_invalid(server: Server) -> None:
    body = server.graphql(SEED % ("", ""), {"event": {"md5": "", "pixelId": 1, "domain": ""}})
    assert body == {"data": {"pageview": {"message": "Invalid credentials", "code": 400, "data": {}}}}
