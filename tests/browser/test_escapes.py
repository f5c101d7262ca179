"""The query of `/pixel.gif` is decoded as Python's library decodes it."""

import random
from urllib.parse import unquote_plus

from heropixel.browser.beacon import _plain

PARTS = [
    "%3A",
    "%2F",
    "%2f",
    "%20",
    "%3D",
    "%26",
    "%3F",
    "%",
    "%%",
    "%2",
    "%zz",
    "%25",
    "%C3%A4",
    "%E9",
    "%00",
    "a",
    "+",
]


def test_escapes_are_decoded_as_by_the_library() -> None:
    chance = random.Random(3)
    for _ in range(20_000):
        text = "".join(chance.choices(PARTS, k=chance.randrange(8)))
        assert _plain(text) == unquote_plus(text), text
