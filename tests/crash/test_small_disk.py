"""A server whose disk fills, on a small file system of its own."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import Server, World, running

MB = 1_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system: run as root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def answers_so(server: Server, reason: str | None) -> bool:
    """Whether a pageview is answered with the reason within some seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if server.pageview()["reason"] == reason:
            return True
        time.sleep(0.1)
    return False


def test_pageviews_are_refused_before_the_disk_is_full_and_recorded_again_when_there_is_room(
    world: World, small_disk: Path
) -> None:
    filling = small_disk / "others"
    journal = f"sqlite:///{small_disk}/journal.sqlite3"
    with running(world, journal_url=journal, min_free_disk=str(30 * MB)) as server:
        assert server.pageview()["code"] == 200
        filling.write_bytes(bytes(45 * MB))
        assert answers_so(server, "DISK_ALMOST_FULL")
        assert server.http.get("/ready").status_code == 503
        server.loaded(1)
        filling.unlink()
        assert answers_so(server, None)
        assert server.http.get("/ready").status_code == 200
        assert server.stop() == 0
    log = server.log.read_text()
    assert log.count("pageviews are refused: make room on the disk") == 1
    assert log.count("the disk has room again") == 1
