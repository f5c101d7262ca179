"""Remembered results are bounded and right, for any text that a client sends."""

from heropixel.remembering import remembered

asked: list[str] = []


@remembered(longest=5, most=2)
def shout(text: str) -> str:
    asked.append(text)
    return text.upper()


def test_what_is_asked_again_is_answered_without_work() -> None:
    asked.clear()
    assert [shout("short"), shout("short"), shout("SHORT"), shout("short")] == ["SHORT"] * 4
    assert asked == ["short", "SHORT"]


def test_a_longer_text_is_not_remembered() -> None:
    asked.clear()
    assert [shout("longer"), shout("longer")] == ["LONGER"] * 2
    assert asked == ["longer"] * 2


def test_the_least_recently_used_result_is_forgotten_first() -> None:
    asked.clear()
    for text in ("a", "b", "a", "c", "a", "b"):
        assert shout(text) == text.upper()
    assert asked == ["a", "b", "c", "b"]
