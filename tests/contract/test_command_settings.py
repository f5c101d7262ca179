"""Settings and keys that cannot be used are named, and never shown."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.contract.commanding import PEOPLE
from tests.databases import ONE_DISK
from tests.world import Server, World, command, running


def said(server: Server) -> list[dict[str, Any]]:
    """What a server has logged, but for what is said of the stores of tests."""
    lines = (json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{"))
    return [line for line in lines if line["event"] != ONE_DISK]


@pytest.mark.parametrize(
    ("environment", "words", "says"),
    [
        ({"HEROPIXEL_PORT": "abc"}, ("apps", "list"), "HEROPIXEL_PORT cannot be used"),
        ({"HEROPIXEL_PORT": "99999"}, ("serve",), "HEROPIXEL_PORT cannot be used"),
        ({"HEROPIXEL_MAX_BODY": "much"}, ("apps", "list"), "HEROPIXEL_MAX_BODY cannot be used"),
        ({"HEROPIXEL_KEY": "0" * 65}, ("apps", "list"), "HEROPIXEL_KEY cannot be used"),
        ({"HEROPIXEL_KEY": "0" * 130}, ("apps", "list"), "HEROPIXEL_KEY cannot be used"),
        ({}, ("serve", "--port", "99999"), "65535"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_used_is_named(
    world: World, environment: dict[str, str], words: tuple[str, ...], says: str
) -> None:
    printed = command(world, *words, expect=2, **environment)
    assert says in " ".join(printed.split())
    assert "Traceback" not in printed


def test_an_unknown_variable_is_reported_at_the_start(world: World) -> None:
    with running(world, adress_rate="secret", nonsense="1", pixel_rate="0") as server:
        lines = said(server)
    assert [(line["event"], line["level"]) for line in lines] == [
        ("HEROPIXEL_ADRESS_RATE is not a setting; did you mean HEROPIXEL_ADDRESS_RATE?", "warning"),
        ("HEROPIXEL_NONSENSE is not a setting; see docs/settings.md", "warning"),
    ]


def test_what_libraries_log_is_json_as_well(world: World) -> None:
    with running(world) as server:
        address = server.http.base_url
        with socket.create_connection((address.host, address.port), timeout=10) as raw:
            raw.sendall(b"nonsense\r\n\r\n")
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
        assert server.stop() == 0
        lines = said(server)
    assert [(line["event"], line["level"]) for line in lines] == [("Invalid HTTP request received.", "warning")]
    assert set(lines[0]) == {"event", "level", "timestamp"}


def test_a_key_that_cannot_be_used_is_not_shown(world: World) -> None:
    secret = "0123456789abcdef" * 4 + "xy"
    assert secret[:8] not in command(world, "apps", "list", expect=2, HEROPIXEL_KEY=secret)


@pytest.mark.parametrize("content", [b"garbage", b"abc", b"\xff\xfe", b""])
def test_a_key_file_that_holds_no_key_is_named(world: World, tmp_path: Path, content: bytes) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    (world.folder / "directory.key").write_bytes(content)
    printed = command(world, "users", "import", str(people), "--app", world.app_id, expect=6)
    assert "directory.key does not hold a key" in " ".join(printed.split())


def test_a_key_that_is_gone_is_not_replaced(world: World, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    command(world, "users", "import", str(people), "--app", world.app_id)
    (world.folder / "directory.key").unlink()
    command(world, "users", "import", str(people), "--app", world.app_id, expect=6)
    assert not (world.folder / "directory.key").exists()
