"""What cannot be undone asks first; where nobody can be asked it takes `--yes` and is refused without."""

import json
import os
import pty
from pathlib import Path

import pytest

from heropixel.cli.later import command_of
from tests.launcher import ended, launch
from tests.test_docs import every_command
from tests.world import World, command, make_world, new_directory

WHO = ("--email", "ann@example.com")
CANNOT_BE_UNDONE = {
    "users redact": (),
    "users forget": WHO,
    "pixels delete": ("1", "--pageviews", "erase"),
    "apps rotate": ("Test",),
    "apps revoke": ("Test", "0123456789ab"),
    "pixels retain": ("1", "--days", "30"),
    "keys revoke": ("key_0123456789abcdef",),
    "shares revoke": ("shr_0123456789abcdef",),
    "members remove": ("cleo@example.com",),
    "move": ("--to-directory", "postgresql://db/x", "--to-events", "clickhouse://events/x"),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = make_world(tmp_path_factory.mktemp("asked") / "data")
    command(world, "members", "invite", "cleo@example.com", "--role", "viewer")
    return world


def words_of(words: str, world: World) -> list[str]:
    app = ["--app", world.app_id] if words == "users forget" else []
    return [*words.split(), *CANNOT_BE_UNDONE[words], *app]


# Why every other command needs no question. A new command must be in one of the two lists.
READS = "it changes nothing"
AGAIN = "the same command, or its counterpart, sets it back"
ADDS = "it adds, and takes nothing away"
NEED_NOT_ASK = {
    **dict.fromkeys(
        ["serve", "report", "verify", "doctor", "apps list", "apps show", "pixels list", "pixels show"], READS
    ),
    **dict.fromkeys(
        [
            "users show",
            "users list",
            "users export",
            "erasures show",
            "erasures list",
            "suppressions list",
            "merges list",
        ],
        READS,
    ),
    **dict.fromkeys(["pageviews export"], READS),
    **dict.fromkeys(["apps create", "pixels create", "users import", "pageviews import", "suppressions import"], ADDS),
    **dict.fromkeys(["sign-in-link", "keys create", "shares create"], ADDS),
    **dict.fromkeys(["members list", "keys list", "shares list", "saved-views list", "audit"], READS),
    "backup": "it writes into a new folder only",
    "restore": "it writes into an empty folder only",
    "reprocess": "it derives again what is derived from what is stored; new pageviews get the same",
    "pixels rename": AGAIN,
    "pixels update": AGAIN,
    "pixels consent": AGAIN,
    "domains add": "`domains remove` undoes it",
    "domains remove": "`domains add` undoes it",
    "return-hosts add": "`return-hosts remove` undoes it",
    "return-hosts remove": "`return-hosts add` undoes it",
    "users identify": "merges are undone by `merges undo`, traits are set again",
    "users unlink": "`users relink` undoes it",
    "users relink": "`users unlink` undoes it",
    "merges add": "`merges undo` undoes it",
    "merges undo": "`merges add` undoes it",
    "members invite": "`members remove` undoes it",
    "members change": AGAIN,
    "suppressions add": "`suppressions remove` undoes it",
    "suppressions remove": "`suppressions add` undoes it",
}


def test_of_every_command_it_is_said_whether_it_can_be_undone() -> None:
    assert CANNOT_BE_UNDONE.keys() | NEED_NOT_ASK.keys() == {words.strip() for words in every_command()}
    assert not CANNOT_BE_UNDONE.keys() & NEED_NOT_ASK.keys()


def test_what_cannot_be_undone_takes_yes_and_nothing_else_does() -> None:
    assert {words for words in map(str.strip, every_command()) if takes_yes(words)} == CANNOT_BE_UNDONE.keys()


def takes_yes(words: str) -> bool:
    name, _, word = words.partition(" ")
    found = command_of(name)
    command = found.commands[word] if word else found
    return any("--yes" in parameter.opts for parameter in command.params)


# What each list of commands says where it has nothing to show: what would be there, and the command that brings it.
EMPTY = {
    ("apps", "list"): "There is no app yet. `heropixel apps create NAME`",
    ("pixels", "list"): "There is no pixel yet. `heropixel pixels create NAME",
    ("users", "list"): "There is no user yet. `heropixel users import FILE`",
    ("suppressions", "list"): "No contact is suppressed. `heropixel suppressions add",
    ("members", "list"): "There is no member yet. `heropixel sign-in-link`",
    ("keys", "list"): "There is no key yet. `heropixel keys create NAME",
    ("shares", "list"): "There is no share yet. `heropixel shares create NAME",
    ("saved-views", "list"): "There is no view for everybody yet. *Saved views* in the dashboard",
    ("merges", "list"): "Nobody was merged yet. `heropixel users identify`",
    ("erasures", "list"): "Nothing was erased yet. `heropixel users forget",
}


def test_every_list_has_an_empty_state_that_says_what_would_be_there_and_how_to_get_it(tmp_path: Path) -> None:
    assert {" ".join(words) for words in EMPTY} == {words for words in every_command() if words.endswith(" list")}
    directory = new_directory(tmp_path)
    directory.close()
    empty = ["--data", str(tmp_path)]
    for words in (("apps", "list"), ("pixels", "list")):
        assert EMPTY[words] in command(None, *empty, *words)
        assert command(None, *empty, *words, "--json").strip() == "[]"
    command(None, *empty, "apps", "create", "Shop")
    for words in EMPTY.keys() - {("apps", "list"), ("pixels", "list")}:
        assert EMPTY[words] in command(None, *empty, *words)
        assert command(None, *empty, *words, "--json").strip() == "[]"
    command(None, *empty, "users", "identify", "--email", "ann@example.com", "--traits", '{"name": "Ann Lee"}')
    (found,) = json.loads(command(None, *empty, "users", "list", "--text", "lee ann@", "--json"))
    assert found["traits"] == {"name": "Ann Lee"}
    assert "No user matches." in command(None, *empty, "users", "list", "--text", "nobody")


@pytest.mark.parametrize("words", CANNOT_BE_UNDONE)
def test_where_nobody_can_be_asked_it_is_refused_without_yes(asked: World, words: str) -> None:
    said = command(asked, *words_of(words, asked), expect=2)
    assert "This cannot be undone, and here nobody can be asked: add --yes" in said
    assert '"retentionDays":null' in command(asked, "pixels", "list", "--json")


@pytest.mark.parametrize(("answer", "days"), [("n", "null"), ("y", "30")])
def test_on_a_terminal_it_asks_and_does_what_the_answer_says(world: World, answer: str, days: str) -> None:
    said = on_terminal(world, answer, *words_of("pixels retain", world))
    assert "Pageviews of pixel 1 older than 30 days are dropped, by whole months. This cannot be undone." in said
    assert f'"retentionDays":{days}' in command(world, "pixels", "list", "--json")


def on_terminal(world: World, answer: str, *words: str) -> str:
    ours, its = pty.openpty()
    with os.fdopen(its, "r+b", buffering=0) as terminal:
        words = ("--data", str(world.folder), *words)
        process = launch(*words, environment=world.environment, stdin=terminal, stdout=terminal, stderr=terminal)
        with ended(process):
            os.write(ours, f"{answer}\n".encode())
            process.wait(60)
    said = b""
    try:
        while more := os.read(ours, 10_000):
            said += more
    except OSError:  # as Linux tells that the other end is closed
        pass
    os.close(ours)
    return said.decode()
