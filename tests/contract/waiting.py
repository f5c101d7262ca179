"""Waits for what a server does by itself a moment later."""

import time
from collections.abc import Callable
from typing import Any


def eventually(ask: Callable[[], Any], expected: Any) -> None:
    """What was recorded is in the event store a second or two later."""
    until = time.monotonic() + 60
    while (answer := ask()) != expected:
        assert time.monotonic() < until, answer
        time.sleep(0.1)
