"""What is wrong with an argument or a setting is said in our words, with its name."""

import pytest

from tests.world import World, command, make_world


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("worded") / "data")


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("PORT", "many", "it must be a whole number"),
        ("PORT", "99999", "it must be at most 65535"),
        ("MAX_JOINED", "1", "it must be at least 2"),
        ("ADDRESS_RATE", "nan", "it must be a number"),
        ("ADDRESS_RATE", "fast", "it must be a number"),
        ("STORE_EMAILS", "maybe", "it must be true or false"),
        ("KEY", "secret", "it must be 64 to 128 hexadecimal digits"),
        ("LOG_LEVEL", "loud", "it must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
    ],
)
def test_a_wrong_setting_is_named_and_explained(worded: World, setting: str, value: str, says: str) -> None:
    said = command(worded, "apps", "list", expect=2, **{f"HEROPIXEL_{setting}": value})
    assert said == f"heropixel: HEROPIXEL_{setting} cannot be used: {says}. See docs/settings.md.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("serve --port many", "Invalid value for '--port': it must be a whole number"),
        ("serve --port 99999", "Invalid value for '--port': it must be at most 65535"),
        ("users list --app x --limit 0", "Invalid value for '--limit': it must be at least 1"),
        ("report --pixel 1 --metric foo", "Invalid value for '--metric': 'foo' is not one of"),
    ],
)
def test_a_wrong_argument_is_named_and_explained(worded: World, words: str, says: str) -> None:
    assert says in " ".join(command(worded, *words.split(), expect=2, COLUMNS="300").split())
