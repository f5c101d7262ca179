"""Output and log that nobody takes: a server goes on without them."""

import os
import signal
import time
from pathlib import Path

import pytest

from heropixel.cli.streams import lossy
from tests.crash.test_parts import part
from tests.launcher import ended, launch, run
from tests.world import STARTS_WITHIN, Server, World


@pytest.mark.parametrize("file", ["/dev/full", "a pipe without a reader"])
def test_what_cannot_be_written_is_lost(file: str) -> None:
    if file == "/dev/full":
        number = os.open(file, os.O_WRONLY)
    else:
        reading, number = os.pipe()
        os.close(reading)
    with lossy(number) as stream:
        print("a line", file=stream)
        print("longer than any buffer" * 10_000, file=stream)
    os.close(number)


def test_what_can_be_written_is_written_at_the_end_of_the_line(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        print("Zürich\n\udc80", file=lossy(log.fileno()))
        assert (tmp_path / "log").read_bytes() == "Zürich\n\\udc80\n".encode()


# What Python finds where it is started without streams.
CLOSED = """
import os, sys
for number in map(int, sys.argv.pop(1)):
    os.close(number)
    setattr(sys, ("stdin", "stdout", "stderr")[number], None)
from heropixel.cli import main
main()
"""


@pytest.mark.process
def test_a_server_without_output_goes_on_when_the_reader_of_its_log_has_gone_and_a_part_dies(world: World) -> None:
    words = ("--data", str(world.folder), "serve", "--port", "0", "--doors", "1")
    reading, writing = os.pipe()
    with open(writing, "wb") as log:  # noqa: PTH123 - no path
        process = launch("1", *words, script=CLOSED, stderr=log)
    with ended(process):
        server = Server(world, process, Path(os.devnull))
        assert server.pageview()["code"] == 200
        os.close(reading)
        died = part(server, "writer")
        os.kill(died, signal.SIGKILL)
        until = time.monotonic() + STARTS_WITHIN
        while part(server, "writer") in (0, died):
            assert time.monotonic() < until, "no writer was started again"
            time.sleep(0.01)
        assert server.pageview()["code"] == 200
        server.http.close()
        assert server.stop() == 0


@pytest.mark.process
def test_a_command_that_was_started_without_streams_does_its_work(world: World) -> None:
    words = ("--data", str(world.folder), "pixels", "list", "--json")
    assert run("012", *words, script=CLOSED).returncode == 0
