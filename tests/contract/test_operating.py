"""What a server says of itself: at its start, in its log, and in the sample world's request."""

import json
import re
from pathlib import Path

import httpx
import pytest

from tests.databases import in_folder
from tests.launcher import launch
from tests.test_docs import ROOT
from tests.world import STARTS_WITHIN, World, command, running


@in_folder
def test_the_start_says_version_folder_address_and_stores(world: World) -> None:
    with running(world) as server:
        server.url  # noqa: B018 - it waits until the server has started
        server.pageview()
    said = server.log.read_text()
    assert f"heropixel accepts pageviews at {server.url}/graphql" in said
    assert re.search(rf"Version \d+\.\d+\.\d+; folder {world.folder}; directory sqlite:///{world.folder}", said)
    assert f"event store chdb://{world.folder}/events" in said


def test_a_new_pixel_is_printed_with_the_address_of_the_running_server(world: World) -> None:
    words = ("pixels", "create", "Shop", "--app", world.app_id, "--domain", "example.com")
    with running(world) as server:
        said = command(world, *words)
    assert f'\n<script defer src="{server.url}/pixel.js" data-pixel="2"></script>\n' in said
    assert "https://HOST/pixel.js" in command(world, *words)


def test_the_access_log_has_no_query_and_no_address(world: World) -> None:
    with running(world, access_log="true") as server:
        server.http.get("/graphql", params={"query": "{ __typename }", "variables": '{"email": "ann@example.com"}'})
        assert server.stop() == 0
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if '"request"' in line]
    asked = [line for line in lines if line["path"] == "/graphql"]
    assert [(line["method"], line["status"]) for line in asked] == [("GET", 200)]
    assert {*asked[0]} == {"event", "level", "timestamp", "method", "path", "status", "milliseconds"}
    assert "ann@example.com" not in server.log.read_text()
    assert "127.0.0.1" not in json.dumps(asked)


@pytest.mark.parametrize(("level", "warned"), [("INFO", True), ("ERROR", False)])
def test_the_level_of_the_log_is_a_setting(world: World, level: str, *, warned: bool) -> None:
    with running(world, log_level=level, nothing="1") as server:
        server.pageview()
    assert ("HEROPIXEL_NOTHING is not a setting" in server.log.read_text()) is warned


def test_the_sample_world_prints_a_secret_that_works_also_after_its_rotation(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert answered(folder) == "User Found"
    app = json.loads(command(None, "--data", str(folder), "apps", "list", "--json"))[0]["appId"]
    command(None, "--data", str(folder), "apps", "rotate", app, "--yes")
    assert answered(folder) == "User Found"


def answered(folder: Path) -> str:
    """What the request is answered that the server prints on its start with the sample."""
    log = folder.parent / "log"
    with log.open("wb") as out:
        sample = ("--sample", str(ROOT / "samples/users.csv"), "--sample-days", "0", "--no-sample-visits")
        words = ("--data", str(folder), "serve", "--port", "0", *sample)
        process = launch(*words, stdout=out, stderr=out)
    try:
        with httpx.Client(timeout=STARTS_WITHIN, verify=False) as http:
            while not (found := re.search(r"-X POST (\S+) .*?-d '(\{.*?\})'\n", log.read_text(), flags=re.DOTALL)):
                assert process.poll() is None, log.read_text()
            response = http.post(found[1], content=found[2], headers={"Content-Type": "application/json"})
        return str(response.json()["data"]["pageview"]["message"])
    finally:
        process.kill()
        process.wait()
