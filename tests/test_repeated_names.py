"""A JSON text is refused if, and only if, an object in it repeats a name, however that is written."""

import json
import random
from typing import Any

from heropixel.strict_json import JsonRefused, decode

NAMES = ['"a"', '"b"', '"a "', '"\\u0061"', '"a\\""', '"ä"']
VALUES = ["1", "1e5", "1.50", "null", '""', '":"', '"a\\"b"', '"\\u0022:"', '"\\u003a"', '"a b"', "[]", "true"]


def text(chance: random.Random, depth: int = 0) -> str:
    """An object."""
    members = []
    for _ in range(chance.randrange(4)):
        value = text(chance, depth + 1) if depth < 2 and chance.random() < 0.3 else chance.choice(VALUES)
        members.append(f"{chance.choice(NAMES)}{chance.choice(['', '', '', ' ', chr(10)])}:{value}")
    return "{" + ",".join(members) + "}"


def repeats(body: str) -> bool:
    found = False

    def noting(pairs: list[tuple[str, Any]]) -> None:
        nonlocal found
        found = found or len({name for name, _ in pairs}) < len(pairs)

    json.loads(body, object_pairs_hook=noting)
    return found


def test_a_name_that_comes_twice_is_refused_however_it_is_written() -> None:
    chance = random.Random(9)
    refused = 0
    for _ in range(20_000):
        body = text(chance)
        try:
            decode(body.encode())
        except JsonRefused:
            refused += 1
            assert repeats(body), body
        else:
            assert not repeats(body), body
    assert 1_000 < refused < 19_000
