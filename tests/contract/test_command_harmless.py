"""What strangers have sent is printed by commands so that the terminal does not obey it."""

import json
import os
from pathlib import Path

import pytest
import structlog

from heropixel.cli.harmless import harmless, harmless_json, harmless_line
from heropixel.cli.serve import _harmless_values, log_to_stderr
from tests.launcher import ended, launch
from tests.world import World, command

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\x08\x7f"
ANNA = f"anna{ESCAPES}\nforged"
OBEYED = [character for character in ESCAPES if not character.isprintable()]


@pytest.mark.parametrize(
    "character", [*"\x00\x07\x08\x0b\x0c\x1b\x7f\x80\x9b\x9f", "\u202e", "\u2066", "\u200f", "\ud800", "a\rb"]
)
def test_a_character_that_a_terminal_obeys_is_replaced(character: str) -> None:
    assert character not in harmless(character)
    assert "\ufffd" in harmless(character)


@pytest.mark.parametrize("text", ["", "plain", "Ünï", "日本", "👩‍👩‍👧", "می‌خواهم", "a\tb\nc\r\n"])
def test_other_text_is_printed_unchanged(text: str) -> None:
    assert harmless(text) == text


def test_a_line_stays_a_line() -> None:
    assert harmless_line("a\nb\r\nc\td\x1b") == "a b c d\ufffd"


def test_json_means_the_same() -> None:
    value = {"name": ANNA}
    written = harmless_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert not any(character in written for character in OBEYED)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world in which strangers' texts are stored wherever they can be."""
    from tests.world import make_world

    world = make_world(tmp_path_factory.mktemp("harmless") / "data")
    app, folder = ("--app", world.app_id), world.folder.parent
    users = folder / "users.jsonl"
    users.write_text(json.dumps({"external_id": ANNA, "email": "anna@example.org", "name": ANNA, ANNA: 1}) + "\n")
    command(world, "users", "import", str(users), *app)
    suppressions = folder / "suppressions.jsonl"
    suppressions.write_text(json.dumps({"email": "bert@example.org", "reason": ANNA}) + "\n")
    command(world, "suppressions", "import", str(suppressions), *app)
    pageviews = folder / "pageviews.jsonl"
    row = {"timestamp": 1793491200000, "domain": "example.com", "url": "https://example.com/", "title": ANNA}
    pageviews.write_text(json.dumps({**row, "utmCampaign": ANNA, "visitorId": "anna"}) + "\n")
    command(world, "pageviews", "import", str(pageviews), "--pixel", "1")
    return world


REPORT = ("report", "--pixel", "1", "--from", "2026-10-31", "--to", "2026-11-02", "--by", "utm-campaign")
COMMANDS = [
    ("users", "list", "--app", "APP"),
    ("users", "list", "--app", "APP", "--json"),
    ("users", "show", "--app", "APP", "--email", "anna@example.org"),
    ("users", "show", "--app", "APP", "--email", "anna@example.org", "--json"),
    ("users", "identify", "--app", "APP", "--email", "anna@example.org"),
    ("suppressions", "list", "--app", "APP"),
    ("suppressions", "list", "--app", "APP", "--json"),
    REPORT,
    (*REPORT, "--json"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.process
def test_a_command_prints_what_is_stored_so_that_no_terminal_obeys_it(stored: World, words: tuple[str, ...]) -> None:
    said = command(stored, *(stored.app_id if word == "APP" else word for word in words))
    assert "anna" in said
    assert not any(character in said for character in OBEYED)


def test_the_log_of_a_server_is_not_obeyed_either(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    try:
        structlog.get_logger().warning("request", path=f"/{ESCAPES}")
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "request" in said
    assert not any(character in said for character in OBEYED)
    event = _harmless_values(None, "info", {"event": "request", "path": f"/{ESCAPES}", "status": 404})
    assert not any(character in str(event["path"]) for character in OBEYED)


EXPORTS = [("users", "export", "--app", "APP"), ("pageviews", "export"), (*REPORT, "--csv")]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("words", EXPORTS, ids=" ".join)
@pytest.mark.process
def test_an_export_to_a_terminal_is_not_obeyed_either(
    stored: World, words: tuple[str, ...], form: str, tmp_path: Path
) -> None:
    chosen = [stored.app_id if word == "APP" else word for word in words]
    chosen += [] if "--csv" in words else ["--format", form]
    leader, terminal = os.openpty()
    with (tmp_path / "notes").open("wb") as notes, os.fdopen(terminal, "wb") as out:
        process = launch(
            *("--data", str(stored.folder), *chosen), environment=stored.environment, stdout=out, stderr=notes
        )
    said = b""
    with ended(process):
        while True:
            try:
                said += os.read(leader, 10_000)
            except OSError:  # the other end is closed
                break
            if process.poll() is not None and not said.endswith(b"\n"):
                break
        os.close(leader)
        assert process.wait() == 0, (tmp_path / "notes").read_text()
    text = said.decode()
    assert "anna" in text
    assert not any(character in text for character in OBEYED)
