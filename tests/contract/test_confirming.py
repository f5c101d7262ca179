"""What cannot be undone asks first; where nobody can be asked it takes `--yes` and is refused without."""

import os
import pty

import pytest

from tests.launcher import launch
from tests.world import World, command, make_world

WHO = ("--email", "ann@example.com")
CANNOT_BE_UNDONE = {
    "users redact": (),
    "users forget": WHO,
    "pixels delete": ("1", "--pageviews", "erase"),
    "pixels retain": ("1", "--days", "30"),
}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("asked") / "data")


def words_of(words: str, world: World) -> list[str]:
    app = ["--app", world.app_id] if words == "users forget" else []
    return [*words.split(), *CANNOT_BE_UNDONE[words], *app]


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
        process = launch(*words, stdin=terminal, stdout=terminal, stderr=terminal)
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
