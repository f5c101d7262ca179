"""Starts and stops the product and the echo, each on a free port of 127.0.0.1."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from benchmarks import processes

HEROPIXEL = Path(sys.executable).with_name("heropixel")
HOST = "127.0.0.1"
_AT_WORK = b"heropixel accepts pageviews at "


class Server:
    """A running server: a process, and the processes that it has started."""

    def __init__(
        self, command: list[str], port: int, log: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.port = port
        self._log = log
        out = log.open("ab") if log else None
        self._words_before = out.tell() if out else 0  # of servers before
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env={**os.environ, **(settings or {})}
            )
        finally:
            if out:
                out.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(self, method: str, path: str, body: bytes | None = None, timeout: float = 30) -> tuple[int, bytes]:
        """One request on a connection of its own. Raises OSError if no server listens."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait(self, method: str, path: str, body: bytes | None, expected: bytes, limit: float = 60) -> Self:
        """Repeat a request until the answer is 200 and contains the expected text."""
        give_up = time.monotonic() + limit
        last: object = None
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                raise RuntimeError(f"The server ended with {self.process.returncode}: {self._last_words()}")
            try:
                last = self.ask(method, path, body)
            except OSError as error:
                last = error
            else:
                if last[0] == 200 and expected in last[1]:
                    return self
            time.sleep(0.005)
        raise RuntimeError(f"{method} {path} was not answered in {limit} s, last: {last!r}. {self._last_words()}")

    def wait_until_at_work(self, limit: float = 60) -> Self:
        """Wait until all parts are at work: the server says so in its log. A door alone answers earlier."""
        give_up = time.monotonic() + limit
        while time.monotonic() < give_up and self.process.poll() is None:
            if self._log and _AT_WORK in self._log.read_bytes()[self._words_before :]:
                return self
            time.sleep(0.01)
        raise RuntimeError(f"The server did not begin its work in {limit} s. {self._last_words()}")

    def stop(self) -> None:
        """Stop the server, and check that it ends with 0."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError(f"The server did not end within 60 s of SIGTERM. {self._last_words()}") from None
        if self.process.returncode not in (0, -signal.SIGTERM):
            raise RuntimeError(f"The server ended with {self.process.returncode}: {self._last_words()}")

    def memory(self) -> dict[str, float]:
        """Megabytes of each part now."""
        return processes.memory(self.process.pid)

    def processor_seconds(self) -> dict[str, float]:
        """Processor time of each part since its start."""
        return processes.processor_seconds(self.process.pid)

    def wait_until_idle(self) -> None:
        """Wait until no part has anything to do."""
        processes.wait_until_idle(self.process.pid)

    def _last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:] if self._log else "(no log)"


def serve_product(folder: Path) -> Server:
    """Start `heropixel serve` on a data folder and wait until all its parts are at work."""
    return spawn_product(folder).wait_until_at_work()


def spawn_product(folder: Path, **settings: str) -> Server:
    """Start `heropixel serve` and do not wait."""
    port = free_port()
    command = [str(HEROPIXEL), "--data", str(folder), "serve", "--host", HOST, "--port", str(port)]
    return Server(command, port, folder.with_suffix(".log"), _SETTINGS | settings)


# All beacons come from one address and are for one pixel. One door, since the echo is one process: so machines with
# more cores have comparable figures.
_SETTINGS = {"HEROPIXEL_ADDRESS_RATE": "0", "HEROPIXEL_PIXEL_RATE": "0", "HEROPIXEL_DOORS": "1"}


def serve_echo() -> Server:
    """Start the echo and wait until it answers."""
    return spawn_echo().wait("POST", "/graphql", b"ready", b"ready")


def spawn_echo() -> Server:
    """Start the echo and do not wait."""
    port = free_port()
    return Server([sys.executable, "-m", "benchmarks.echo", str(port)], port)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
