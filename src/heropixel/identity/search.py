"""The filter of a list of users, before and after every field is checked."""

from typing import Any

import msgspec

from heropixel.directory.people import Search, text_words
from heropixel.errors import InvalidSearch
from heropixel.values import checked_text, milliseconds, without_invisible

MAX_WORDS = 5  # of a text to search for
MAX_TEXT = 256  # characters of a text to search for


class TraitInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A trait and its value: the contract's `TraitInput`."""

    name: str
    value: Any


class UserSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The filter of a list of users, not yet checked: the contract's `UserSearch`."""

    email_prefix: str | None = None
    trait: TraitInput | None = None
    seen_since: str | int | float | None = None
    learned: bool | None = None
    text: str | None = None

    def search(self) -> Search:
        """The part of the filter that the directory answers.

        Raises:
            Refusal: a field is wrong. The message says which one, and why.
        """
        prefix = checked_text("emailPrefix", without_invisible((self.email_prefix or "").lower()).strip(), MAX_TEXT)
        words = text_words(checked_text("text", without_invisible(self.text or ""), MAX_TEXT))
        if len(words) > MAX_WORDS:
            raise InvalidSearch(why=f"text has more than {MAX_WORDS} words")
        trait = _trait(self.trait) if self.trait else None
        return Search(prefix or None, trait, self.learned, words=words or None)

    def check_for_masked(self) -> None:
        """Check that addresses which are masked cannot be found out letter by letter.

        Raises:
            InvalidSearch: they could.
        """
        if self.email_prefix and "@" not in self.email_prefix:
            raise InvalidSearch(why="addresses are masked for you, so emailPrefix must go beyond the @")

    def instant(self) -> int | None:
        """`seenSince` in Unix milliseconds.

        Raises:
            InvalidSearch: the value is no time.
        """
        if self.seen_since in (None, ""):
            return None
        try:
            instant = milliseconds(self.seen_since or 0)
        except (ValueError, OverflowError):
            instant = -1
        if not 0 <= instant < _YEAR_2200:
            raise InvalidSearch(why="seenSince must be Unix seconds, Unix milliseconds or ISO 8601")
        return instant


_YEAR_2200 = 7_258_118_400_000  # about where the event store's times end


def _trait(given: TraitInput) -> tuple[str, str | float | bool]:
    name = checked_text("trait.name", given.name, MAX_TEXT)
    match given.value:
        case str() as text:
            return name, checked_text("trait.value", text, MAX_TEXT)
        case bool() | int() | float() as value:
            return name, value
    raise InvalidSearch(why="trait.value must be a string, a number, true or false")
