"""How a process of the server learns that it is to stop."""

import asyncio
import signal

# Asks a part to stop. It ignores SIGTERM and SIGINT: a terminal and systemd send them to all processes of a server at
# once, and the parent alone knows the order in which they stop.
STOP = signal.SIGUSR1


def asked_to_stop(*numbers: signal.Signals) -> asyncio.Event:
    """An event that is set by these signals; without any, by `STOP`. For the event loop that runs."""
    stopping = asyncio.Event()
    for number in numbers or (STOP,):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping
