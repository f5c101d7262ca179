"""uvicorn's server in a process that handles signals itself: uvicorn would raise them again at its end."""

from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class HttpServer(uvicorn.Server):
    """It stops once `should_exit` is set, and the process exits with 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """See `uvicorn.Server`."""
        yield
