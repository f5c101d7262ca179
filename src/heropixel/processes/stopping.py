"""How a process of the server learns that it is to stop, and ends though a database does not answer."""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

import structlog

from heropixel.postgres import waits

log = structlog.get_logger()

# Asks a part to stop. It ignores SIGTERM and SIGINT: a terminal and systemd send them to all processes of a server at
# once, and the parent alone knows the order in which they stop.
STOP = signal.SIGUSR1

PATIENCE = 10.0  # seconds for one answer of PostgreSQL: callers of pageviews are told as late that nobody knows
_LOOK_SECONDS = 0.1


def asked_to_stop(*numbers: signal.Signals, then: Callable[[], object] = lambda: None) -> asyncio.Event:
    """An event that is set by these signals; without any, by `STOP`. For the event loop that runs.

    `then` is called when it is set.
    """
    stopping = asyncio.Event()

    def stop() -> None:
        stopping.set()
        then()

    for number in numbers or (STOP,):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    return stopping


def leave_unanswered(what: str) -> None:
    """From now on, end this process where PostgreSQL does not answer. `what` says for the log what was asked of it.

    A commit waits for standbys as long as they are away, and must not be cancelled (docs/decisions/0023). To end
    without its answer is what `kill -9` does: nothing is lost that was answered.
    """

    def look() -> None:
        while (seconds := waits.longest()) < PATIENCE:
            time.sleep(_LOOK_SECONDS)
        log.error(
            "PostgreSQL does not answer, and a process that is to stop ends without", asked=what, waited=round(seconds)
        )
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
