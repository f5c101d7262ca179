"""How many examples Hypothesis tries of a property: all of them on the machines of CI, a quarter at home.

`make quick` sets how many in a hundred it tries.
"""

import os
from zlib import crc32

from hypothesis import settings

_PERCENT = int(os.environ.get("EXAMPLES") or (100 if os.environ.get("CI") else 25))
_FEWEST = 10


def examples(count: int) -> int:
    """So many on the machines of CI."""
    return min(count, max(_FEWEST, count * _PERCENT // 100))


def spared(backend: str, *drawn: object) -> bool:
    """Whether an example is left out: PostgreSQL has a third of those of properties that are about logic.

    SQLite tries all. The logic is the same code, and its statements are too; one costs ten times as much on a server.
    It is decided by the example, so that one that fails does so again.
    """
    return backend == "postgresql" and crc32(repr(drawn).encode()) % 3 != 0


def pytest_configure() -> None:
    # No deadline: on a busy machine an example takes any time. Hypothesis's own profile, with the same examples in
    # every run where it notices CI, is what the rest is from.
    name = settings.get_current_profile_name()
    settings.register_profile("heropixel", settings.get_profile(name), max_examples=examples(100), deadline=None)
    settings.load_profile("heropixel")
