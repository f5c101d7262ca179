"""What the checks of the doctor think of what they have found. No process, no disk."""

from pathlib import Path

import pytest

from heropixel.doctor.backlog import judged_backlog
from heropixel.doctor.diagnosis import Verdict
from heropixel.doctor.folder_checks import judged, judged_room, judged_sync, mount_of
from heropixel.doctor.machine_checks import judged_files, judged_memory, limit_of
from heropixel.settings import Settings

OK, WARNING, BROKEN, UNKNOWN = Verdict

MOUNTS = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:20 / /mnt/my\040disk rw,noatime - xfs /dev/sdb rw,nobarrier
23 21 0:21 / /srv rw - nfs4 nas:/srv rw,vers=4.2
24 21 0:22 / /srv/fast rw - ext4 /dev/sdc rw
25 21 0:23 / /run rw - tmpfs tmpfs rw,size=10%
26 21 0:24 / /box rw - overlay overlay rw
27 21 0:25 / /far rw - fuse.sshfs you@there:/ rw
28 21 0:26 / /hidden rw - ext4 /dev/sdd rw
29 21 0:27 / /hidden rw - cifs //nas/hidden rw
30 21 0:28 / /srv/fast/Daten\040für\134Züge rw - nfs4 nas:/zuege rw
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind", "verdict"),
    [
        ("/var/lib/heropixel", "ext4", OK),
        ("/mnt/my disk/data", "xfs", BROKEN),
        ("/srv/data", "nfs4", BROKEN),
        ("/srvs", "ext4", OK),
        ("/srv/fast/data", "ext4", OK),
        ("/run/data", "tmpfs", BROKEN),
        ("/box/data", "overlay", WARNING),
        ("/far", "fuse.sshfs", BROKEN),
        ("/hidden/data", "cifs", BROKEN),
        ("/srv/fast/Daten für\\Züge/data", "nfs4", BROKEN),
    ],
)
def test_a_network_memory_and_a_disk_without_barriers_cannot_keep_what_was_synced(
    folder: str, kind: str, verdict: Verdict
) -> None:
    mount = mount_of(Path(folder), MOUNTS)
    assert (mount.kind, judged(mount).verdict) == (kind, verdict)


@pytest.mark.parametrize(("seconds", "verdict"), [(0.000_001, UNKNOWN), (0.000_4, OK), (0.01, OK), (0.2, WARNING)])
def test_a_sync_that_is_too_fast_to_be_true_is_not_called_good(seconds: float, verdict: Verdict) -> None:
    assert judged_sync(seconds).verdict is verdict


GB = 1_000_000_000


@pytest.mark.parametrize(
    ("free", "days", "verdict"),
    [
        (0.4 * GB, None, BROKEN),
        (0.9 * GB, None, WARNING),
        (50 * GB, 3.0, WARNING),
        (50 * GB, 400.0, OK),
        (50 * GB, None, OK),
    ],
)
def test_the_free_disk_is_judged_by_the_setting_and_by_how_fast_it_fills(
    free: float, days: float | None, verdict: Verdict
) -> None:
    diagnosis = judged_room(int(free), Settings().min_free_disk, days, "/data")
    assert diagnosis.verdict is verdict
    assert bool(diagnosis.to_do) is (verdict is not OK)


@pytest.mark.parametrize(
    ("limit", "doors", "verdict"),
    [(0.15 * GB, 0, BROKEN), (0.5 * GB, 0, WARNING), (2 * GB, 1, OK), (0.5 * GB, 8, BROKEN), (4 * GB, 8, OK)],
)
def test_the_memory_is_judged_by_the_number_of_doors(limit: float, doors: int, verdict: Verdict) -> None:
    assert judged_memory(int(limit), doors, Settings().report_memory).verdict is verdict


@pytest.mark.parametrize(("limit", "verdict"), [(256, BROKEN), (1024, WARNING), (65_536, OK)])
def test_the_limit_of_open_files_is_judged_by_the_connections_that_are_allowed(limit: int, verdict: Verdict) -> None:
    assert judged_files(limit, Settings().max_listeners).verdict is verdict


@pytest.mark.parametrize(
    ("entries", "seconds", "is_loading", "verdict"),
    [(0, 0.0, True, OK), (10, 2.0, True, OK), (10, 600.0, True, WARNING), (10, 600.0, False, OK)],
)
def test_a_backlog_is_a_warning_only_where_a_server_should_load_it(
    entries: int, seconds: float, is_loading: bool, verdict: Verdict
) -> None:
    assert judged_backlog(entries, seconds, is_loading=is_loading).verdict is verdict


def test_the_memory_of_a_server_is_that_of_its_tightest_control_group(tmp_path: Path) -> None:
    proc, groups = tmp_path / "proc", tmp_path / "groups"
    (proc / "7").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal:       8000000 kB\nMemFree: 1 kB\n")
    (proc / "7/cgroup").write_text("0::/system.slice/heropixel.service\n")
    unit = groups / "system.slice/heropixel.service"
    unit.mkdir(parents=True)
    assert limit_of("7", proc, groups) == 8_192_000_000
    (unit / "memory.max").write_text("max\n")
    (unit.parent / "memory.max").write_text("512000000\n")
    assert limit_of("7", proc, groups) == 512_000_000
    assert limit_of("8", proc, groups) == 8_192_000_000, "a process whose groups are not told"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://hero:s3cr3t@db.example/pixels?durability=single", "postgresql://hero:***@db.example/pixels?durability=single"),
        ("postgresql://db.example/pixels?user=hero&password=s3cr3t&sslmode=require", "postgresql://db.example/pixels?user=hero&password=***&sslmode=require"),
        ("clickhouse://hero:s3@cr3t@db:8123/pixels", "clickhouse://hero:***@db:8123/pixels"),
        ("clickhouse://db:8123/pixels", "clickhouse://db:8123/pixels"),
    ],
)  # fmt: skip
def test_a_server_tells_its_settings_without_secrets(url: str, shown: str) -> None:
    told = Settings(events_url=url, key="ab" * 32).without_secrets()
    assert (told["events_url"], told["key"]) == (shown, "***")
    assert told.keys() == Settings.model_fields.keys()
