"""Threads of tests that go on calling a server until a context ends."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def calling(*callers: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run each on a thread of its own. At the end of the context each is told to stop by its event, and waited for."""
    stop = threading.Event()
    threads = [threading.Thread(target=caller, args=(stop,)) for caller in callers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
