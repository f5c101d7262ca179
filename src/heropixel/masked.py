"""What is masked for callers who must not see addresses: what it looks like in a text, and how it is shown instead.

An address is masked in any text. A telephone number is masked where it has its country code, or where the name of its
field says that it is one. Searches and filters are made of the same marks: what may be masked fits none.
"""

import re
from typing import Final

ADDRESS_MARKS: Final = ("@", "%40")  # every address has one of them
NUMBER_MARKS: Final = ("+", "%2B")  # every number with its country code has one of them before a digit
# A field is for telephone numbers if its name has one of these words, or the other as a word of its own.
PHONE_WORDS: Final = ("phone", "mobile", "telefon", "handy", "whatsapp")
LONE_PHONE_WORD: Final = "tel"


def _any(marks: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, marks))


# The end of an address in any text, also percent-encoded in an address of a page; and what cannot be before it.
_END = re.compile(rf"(?:{_any(ADDRESS_MARKS)})\w[\w-]{{0,62}}(?:\.[\w-]{{1,63}})+", re.IGNORECASE)
_BREAK = re.compile(r"""[\s@<>"'(),:;=&?/\[\]\\]""")
_MAX_LOCAL = 254  # characters before the @: more is no address, and the search takes a bounded time for each @
_PHONE = re.compile(rf"({_any(NUMBER_MARKS)})(\d)(?:[ .()/-]{{0,2}}\d){{5,13}}", re.IGNORECASE)
_LONE = f"{LONE_PHONE_WORD}|{LONE_PHONE_WORD.title()}"
_NAMED_PHONE = re.compile(rf"(?i:{_any(PHONE_WORDS)})|(?:^|_)(?:{_LONE})(?:$|_|[A-Z])")
_DIGITS = re.compile(r"\d(?=[^\d]*\d[^\d]*\d)")


def masked_text(text: str, *, is_phone: bool = False) -> str:
    """A text with every address in it masked."""
    # The marks, written out: a loop takes nine times as long, for each text of an answer.
    if "@" in text or "%40" in text:
        text = _without_emails(text)
    if "+" in text or "%2B" in text or "%2b" in text:
        text = _PHONE.sub(lambda found: f"{found[1]}{found[2]}••••••{found[0][-2:]}", text)
    if is_phone and "•" not in text:
        text = _DIGITS.sub("•", text)
    return text


def _without_emails(text: str) -> str:
    parts, done = [], 0
    for end in _END.finditer(text):
        before = text[max(done, end.start() - _MAX_LOCAL) : end.start()]
        local = _BREAK.split(before)[-1]
        if local:
            parts += [text[done : end.start() - len(local)], local[0], "•••", end[0]]
            done = end.end()
    return "".join([*parts, text[done:]])


def names_phones(name: str) -> bool:
    """Whether the values under a name are telephone numbers, with or without a country code."""
    return bool(name) and _NAMED_PHONE.search(name) is not None
