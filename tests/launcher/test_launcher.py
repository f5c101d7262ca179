"""A forked process behaves like one that was started cold."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.launcher import ended, launch, run
from tests.world import World, exported, running

SHOW = """
import os, signal, sys, threading
print(sys.argv[1:], os.environ.get("HEROPIXEL_DATA"), os.getcwd(), oct(os.umask(0)), __name__)
print([signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGCHLD)])
print(sorted(os.environ), sys.stdin.read(), sys.stdout.isatty(), sys.stdout.encoding, sys.stderr.errors)
print([thread.name for thread in threading.enumerate()])
print(len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else "")
print("to standard error", file=sys.stderr)
"""


def test_it_has_the_words_the_environment_the_folder_and_the_streams_of_a_cold_one(tmp_path: Path) -> None:
    own = {"environment": {**os.environ, "HEROPIXEL_DATA": "somewhere"}, "folder": tmp_path}
    warm, cold = (run("a", "--b", script=SHOW, cold=cold, **own) for cold in (False, True))  # type: ignore[arg-type]  # a table of two
    assert warm == cold
    assert (warm.returncode, warm.stderr) == (0, "to standard error\n")


@pytest.mark.parametrize(
    "script",
    [
        "raise SystemExit(7)",
        "raise SystemExit('words')",
        "raise ValueError('nobody catches it')",
        "import os; os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import atexit; atexit.register(print, 'at the end'); print('first', end=' ')",
        "import threading, time; threading.Thread(target=lambda: (time.sleep(0.2), print('joined'))).start()",
    ],
)
def test_it_ends_as_a_cold_one(script: str) -> None:
    warm, cold = (run(script=script, cold=cold) for cold in (False, True))
    assert (warm.returncode, warm.stdout, warm.stderr.splitlines()[-1:]) == (
        cold.returncode,
        cold.stdout,
        cold.stderr.splitlines()[-1:],
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("--version",),
        ("serve", "--help"),
        ("pageviews", "export"),
        ("pixels", "list", "--json"),
        ("users", "import", "people.csv", "--app", "APP"),
        ("users", "import", "nowhere.csv", "--app", "APP"),
        ("no-such-command",),
    ],
    ids=" ".join,
)
def test_a_command_says_and_does_the_same(world: World, words: tuple[str, ...]) -> None:
    (world.folder.parent / "people.csv").write_text("email,plan\nanna@example.com,pro\nnobody,pro\n")
    given = ["--data", str(world.folder), *(world.app_id if word == "APP" else word for word in words)]
    run(*given, folder=world.folder.parent)  # which may change something: the next two do not
    warm, cold = (run(*given, cold=cold, folder=world.folder.parent) for cold in (False, True))
    assert warm == cold


def test_it_is_killed(world: World) -> None:
    with running(world) as server:
        assert server.process.poll() is None
        os.kill(server.process.pid, 0)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
        assert server.process.poll() == -signal.SIGKILL
        with pytest.raises(ProcessLookupError):
            os.kill(server.process.pid, 0)
        server.process.kill()  # nobody is there: nothing happens


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_ends_with_0(world: World, number: signal.Signals) -> None:
    with running(world) as server:
        assert server.pageview(eventId="last")["code"] == 200
        assert server.stop(number) == 0
    assert [row["eventId"] for row in exported(world)] == ["last"]


def test_a_wait_that_times_out_raises() -> None:
    with ended(launch(script="import time; time.sleep(60)")) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL


@pytest.mark.cold
def test_where_a_test_wants_it_cold_everything_is_started_by_python_itself() -> None:
    with ended(launch("--version")) as process:
        assert isinstance(process, subprocess.Popen)
        process.wait(60)


def test_an_environment_that_modules_look_at_while_they_are_imported_is_started_cold() -> None:
    with ended(launch("--help", environment={**os.environ, "COLUMNS": "60"})) as process:
        assert isinstance(process, subprocess.Popen)
        process.wait(60)


def test_it_knows_the_engine_as_a_cold_one() -> None:
    script = "import chdb; print(chdb.engine_version, chdb.connect, chdb.query('SELECT 1'), sorted(vars(chdb)))"
    warm, cold = (run(script=script, cold=cold) for cold in (False, True))
    assert (warm.returncode, _without_places(warm.stdout)) == (0, _without_places(cold.stdout))


def _without_places(text: str) -> str:
    return re.sub("0x[0-9a-f]+", "", text)
