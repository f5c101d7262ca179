"""`heropixel pageviews export`, from outside."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from tests.world import World, command, running

EXPORTED = {
    "eventId": "e-1",
    "url": "https://example.com/a?b=1",
    "title": 'Tea, "green"\nand black',
    "visitorId": "v-1",
    "timestamp": 0,  # set by the test
    "utmSource": "news",
    "consent": True,
    "properties": {"cart": [1, 2.5, {"x": None}], "ü": "✓"},
}


@pytest.mark.parametrize("server_runs", [True, False])
def test_pageviews_export_gives_what_was_sent_under_the_names_of_the_api(
    *, server_runs: bool, world: World, tmp_path: Path
) -> None:
    import time

    sent = {**EXPORTED, "timestamp": time.time_ns() // 1_000_000 - 1000}
    with running(world) as server:
        assert server.pageview(**sent)["code"] == 200
        if server_runs:
            check_exports(world, sent, tmp_path)
        assert server.stop() == 0
    if not server_runs:
        check_exports(world, sent, tmp_path)


def check_exports(world: World, sent: dict[str, Any], folder: Path) -> None:
    line = json.loads(command(world, "pageviews", "export", "--format", "jsonl"))
    assert {name: line[name] for name in sent} == sent
    assert (line["pixelId"], line["domain"]) == (world.pixel, "example.com")

    (row,) = csv.DictReader(io.StringIO(command(world, "pageviews", "export", "--format", "csv"), newline=""))
    assert (row["eventId"], row["title"], row["timestamp"]) == (sent["eventId"], sent["title"], str(sent["timestamp"]))
    assert json.loads(row["properties"]) == sent["properties"]

    file = folder / "pageviews.parquet"
    command(world, "pageviews", "export", "--format", "parquet", "--output", str(file))
    (record,) = pyarrow.parquet.read_table(file).to_pylist()
    assert (record["eventId"], record["timestamp"]) == (sent["eventId"], sent["timestamp"])


def test_an_export_without_pageviews_is_empty(world: World) -> None:
    assert command(world, "pageviews", "export") == ""


def test_an_export_ignores_the_proxy_of_the_environment(world: World) -> None:
    with running(world) as server:
        server.pageview()
        exported = command(
            world, "pageviews", "export", HTTP_PROXY="http://127.0.0.1:9", ALL_PROXY="http://127.0.0.1:9"
        )
    assert exported.count("\n") == 1


def test_an_export_that_fails_leaves_the_file_that_was_there(world: World, tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("before")
    with running(world) as server:
        server.process.send_signal(19)  # SIGSTOP: it holds the folder, and does not answer
        (world.folder / "heropixel.lock").write_text('{"pid":1,"command":"x","operators":"/nowhere"}')
        command(world, "pageviews", "export", "--output", str(kept), expect=3)
        server.process.send_signal(18)
    assert kept.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir() if "kept" in file.name] == ["kept.jsonl"]


def test_a_file_that_cannot_be_exported_to_is_named(world: World, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "x.csv"):
        assert "it cannot be written" in command(world, "pageviews", "export", "--output", str(path), expect=2)
