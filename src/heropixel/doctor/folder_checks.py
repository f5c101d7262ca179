"""Checks of the data folder and of the disk that it is on."""

import os
import shutil
import statistics
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from re import sub
from typing import NamedTuple

from heropixel import folder
from heropixel.doctor.diagnosis import Check, Diagnosis, Subject, Verdict, broken, ok, unknown, warning
from heropixel.processes.sockets import fit_in
from heropixel.recording.readiness import why_not_written
from heropixel.recording.room import WARNED_BELOW


def where_files_are_kept(check: Callable[[Subject], Diagnosis]) -> Check:
    """The check, which says nothing of a server that keeps no files."""

    @wraps(check)
    def checked(subject: Subject) -> Diagnosis | None:
        return check(subject) if subject.settings.keeps_files else None

    return checked


@where_files_are_kept
def permissions(subject: Subject) -> Diagnosis:
    """Whether the server may write to the folder, and nobody else may read it."""
    data = subject.settings.data.absolute()
    owner = data.stat().st_uid
    folder.make(data)
    folder.check_files(data)
    mode = data.stat().st_mode & 0o777
    if mode & 0o007:
        return broken(f"every user of this machine may look into {data} ({mode:o})", f"Run: chmod 700 {data}")
    if owner != os.geteuid() and os.geteuid() == 0:
        found = f"{data} belongs to the user {owner}, and this command runs as root"
        return warning(found, "Run commands as the user of the service: it cannot read what root has written.")
    return ok(f"{data}, which only its owner may read" if not mode & 0o070 else f"{data}, open to its group ({mode:o})")


@where_files_are_kept
def file_system(subject: Subject) -> Diagnosis:
    """Whether the disk is one that SQLite can use, and that is there after a restart."""
    try:
        mounts = os.fsdecode(Path("/proc/self/mountinfo").read_bytes())  # names of any bytes
    except OSError:
        return unknown("this system does not tell it")
    folders = sorted({one.resolve() for one in subject.settings.folders().values()})
    return max((judged(mount_of(where, mounts)) for where in folders), key=lambda one: _GRAVITY.index(one.verdict))


_GRAVITY = (Verdict.OK, Verdict.UNKNOWN, Verdict.WARNING, Verdict.BROKEN)


class Mount(NamedTuple):
    """A file system, where it is mounted, and how."""

    kind: str
    at: str
    options: frozenset[str]


def mount_of(where: Path, mounts: str) -> Mount:
    """The mount that a path is on, from the lines of `/proc/self/mountinfo`."""
    found = Mount("unknown", "/", frozenset())
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        at = sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])  # a space is \040
        # A later line hides an earlier one at the same place.
        if where.is_relative_to(at) and len(at) >= len(found.at):
            kind, _, own = after.split(" ", 2)
            found = Mount(kind, at, frozenset((*before.split(" ")[5].split(","), *own.split(","))))
    return found


def judged(mount: Mount) -> Diagnosis:
    """What a file system is good for."""
    named = f"{mount.kind} at {mount.at}"
    if mount.kind in _NETWORK or mount.kind.startswith("fuse."):
        found = (
            f"{named} is a network file system or a program's: SQLite loses data where its locks and syncs do not hold"
        )
        return broken(found, "Move the folder to a disk of this machine, and set HEROPIXEL_DATA.")
    if mount.kind in _MEMORY:
        found = f"{named} is memory: everything in it is gone after a power cut"
        return broken(found, "Move the folder to a disk, and set HEROPIXEL_DATA.")
    if "nobarrier" in mount.options or "barrier=0" in mount.options:
        found = f"{named} is mounted without barriers: what was synced may be gone after a power cut"
        return broken(found, f"Take nobarrier out of the options of {mount.at} in /etc/fstab, and mount it again.")
    if mount.kind in _OF_CONTAINERS:
        found = f"{named} is the layer of a container: it is deleted with the container"
        return warning(found, "Mount a volume there.")
    return ok(named)


_NETWORK = frozenset(("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "beegfs"))
_MEMORY = frozenset(("tmpfs", "ramfs", "hugetlbfs"))
_OF_CONTAINERS = frozenset(("overlay", "aufs"))


@where_files_are_kept
def disk_sync(subject: Subject) -> Diagnosis:
    """Whether a sync reaches the disk, as far as that can be told, and how long it takes."""
    if "eatmydata" in subject.variables.get("LD_PRELOAD", ""):
        return broken("the library eatmydata makes every sync do nothing", "Take it out of LD_PRELOAD, and restart.")
    for data in sorted({*subject.settings.folders().values()}):
        if why := why_not_written([data], f".doctor-{os.getpid()}"):
            return broken(f"{why}: {data}", "Make room on the disk, or look at its health.")
    return judged_sync(statistics.median(_sync_times(subject.settings.folder_of_journal())))


def judged_sync(seconds: float) -> Diagnosis:
    """What the time of a sync says."""
    took = f"a sync takes {seconds * 1000:.2g} ms"
    if seconds < _IMPLAUSIBLE:
        found = f"{took}: faster than disks write, unless a battery protects their cache"
        return unknown(found, "Make sure that the disk or the host of this virtual machine does not ignore syncs.")
    if seconds > _SLOW:
        return warning(f"{took}: each pageview waits for it", "Use a disk with a faster sync, such as an SSD.")
    return ok(took)


_IMPLAUSIBLE, _SLOW = 0.000_03, 0.05  # seconds; disks with a protected cache take 50 µs and more
_TIMES = 9


def _sync_times(where: Path) -> list[float]:
    probe = where / f".doctor-{os.getpid()}"
    number = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    times = []
    try:
        for _ in range(_TIMES):
            os.write(number, bytes(4096))
            began = time.perf_counter()
            os.fsync(number)
            times.append(time.perf_counter() - began)
    finally:
        os.close(number)
        probe.unlink()
    return times


@where_files_are_kept
def free_disk(subject: Subject) -> Diagnosis:
    """Whether there is room for pageviews, and for how long."""
    settings = subject.settings
    folders = sorted({*settings.folders().values()})
    free, where = min((shutil.disk_usage(one).free, one) for one in folders)
    days = subject.state.days_left if subject.state else None
    return judged_room(free, settings.min_free_disk, days, str(where))


def judged_room(free: int, least: int, days: float | None, where: str) -> Diagnosis:
    """What the free bytes of a disk are good for. `days`: until there are too few; None: not known."""
    found = f"{free / 1e9:,.1f} GB free on the disk of {where}"
    if free < least:
        to_do = "Enlarge the disk, keep less (`heropixel pixels retain`), or lower HEROPIXEL_MIN_FREE_DISK."
        return broken(
            f"{found}, less than HEROPIXEL_MIN_FREE_DISK ({least / 1e9:,.1f} GB): pageviews are refused", to_do
        )
    if days is not None and days < WARNED_BELOW:
        to_do = "Enlarge the disk, or keep less: heropixel pixels retain ID --days N"
        return warning(f"{found}: full in {days:.1f} days, at the rate of the last 24 hours", to_do)
    if free < 2 * least:
        found = f"{found}; below {least / 1e9:,.1f} GB pageviews are refused (HEROPIXEL_MIN_FREE_DISK)"
        return warning(found, "Enlarge the disk, or keep less: heropixel pixels retain ID --days N")
    return ok(found if days is None else f"{found}, enough for {days:,.0f} days")


@where_files_are_kept
def sockets(subject: Subject) -> Diagnosis:
    """Whether commands reach the server."""
    data = subject.settings.data
    running = subject.server
    if running and running.holder.operators:
        if running.state:
            return ok(running.holder.operators)
        return broken(f"nothing answers at {running.holder.operators}", "Run this command as the user of the server.")
    if not fit_in(data):
        found = f"the path {data.absolute()} is too long for sockets in it: they will be in a temporary folder"
        return warning(found, "Choose a shorter HEROPIXEL_DATA; or let systemd share /tmp (no PrivateTmp).")
    return ok(f"in {data.absolute()}")
