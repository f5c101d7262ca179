"""The messages between a process of tests and its warm parent."""

import msgspec

DESCRIPTORS = 4

# Of the parent: libraries that start threads when they are imported, which do not outlive a fork, and how to keep each
# from it.
NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


class Order(msgspec.Struct, frozen=True):
    """The order to start a child."""

    words: list[str]
    environment: dict[str, str]
    folder: str
    umask: int
    script: str = ""  # Python to be run instead of `heropixel`


class ChildMessage(msgspec.Struct, frozen=True):
    """A message about a child: first its pid, then its exit code, negative for the signal that ended it."""

    pid: int
    ended: int | None = None
