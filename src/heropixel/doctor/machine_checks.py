"""Checks of the machine: its clock, its memory, and what it lets a process have."""

import ctypes
import os
import resource
import sys
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import select

from heropixel.directory import Directory
from heropixel.directory.member_tables import audit_entries
from heropixel.directory.tables import erasures, users
from heropixel.doctor.diagnosis import Diagnosis, Subject, broken, ok, unknown, warning
from heropixel.doctor.directory import looking_at
from heropixel.processes.doors import doors_of
from heropixel.processes.port import listen


def port(subject: Subject) -> Diagnosis | None:
    """Whether a server can listen, where none does."""
    settings = subject.settings
    if not settings.keeps_files:
        return None  # a node may have it
    if subject.server and subject.server.holder.url:
        return ok(f"the server listens at {subject.server.holder.url}")
    for listening in listen(settings.host, settings.port, doors_of(settings) or 1):
        listening.close()
    return ok(f"{settings.host}:{settings.port} is free")


def clock(subject: Subject) -> Diagnosis:
    """Whether the clock goes with others, and has not jumped back."""
    newest = _newest_entry(subject)
    if newest is not None and newest > subject.now + _JUMP:
        found = f"it is {_instant(subject.now)}, and the directory has an entry of {_instant(newest)}: it has jumped"
        return broken(found, "Correct the clock before the server is started again: pageviews get its time.")
    told = f"it is {_instant(subject.now)}"
    synchronised = _is_synchronised()
    if synchronised is None:
        return unknown(f"{told}; this system does not tell whether it is synchronised")
    if not synchronised:
        return warning(
            f"{told}, and nothing synchronises it", "Run a time service, such as chrony or systemd-timesyncd."
        )
    return ok(f"{told}, synchronised")


_JUMP = 60_000  # milliseconds: less is how far clocks of machines are apart
_RECENT = 1_000  # entries of each kind: not all of them come in the order of their times


def _instant(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _newest_entry(subject: Subject) -> int | None:
    """The latest time that the directory's clock has written."""
    with looking_at(subject.settings) as directory:
        return max(_times(directory), default=None) if directory else None


def _times(directory: Directory) -> Iterator[int]:
    for column, order in (
        (users.c.created_at, users.c.id),
        (audit_entries.c.at, audit_entries.c.id),
        (erasures.c.requested_at, erasures.c.requested_at),
    ):
        recent = select(column).order_by(order.desc()).limit(_RECENT)
        yield from directory.connection.execute(recent).scalars()


def _is_synchronised() -> bool | None:
    """Whether the kernel's clock is set by a time service; None where that is not told."""
    if sys.platform != "linux":
        return None
    # struct timex of adjtimex(2), all zero: it asks and sets nothing.
    answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    return None if answer < 0 else answer != _TIME_ERROR


_TIME_ERROR = 5


def time_zones(_subject: Subject) -> Diagnosis:
    """Whether the rules of time zones are there."""
    try:
        for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata"):
            zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError as error:
        return broken(
            f"{error}: reports cannot be in local time", "Install heropixel again: it brings the package tzdata."
        )
    return ok(f"tzdata {version('tzdata')}{_of_system()}")


def _of_system() -> str:
    for folder in zoneinfo.TZPATH:
        file = Path(folder, "tzdata.zi")
        if file.is_file():
            with file.open() as lines:
                return f", and the system's {lines.readline().removeprefix('# version ').strip()}, which is used first"
    return ""


def memory(subject: Subject) -> Diagnosis:
    """Whether the machine, or the server's part of it, has the memory that the server takes."""
    limit = limit_of(subject.process)
    if limit is None:
        return unknown("this system does not tell how much there is")
    doors = doors_of(subject.settings)
    return judged_memory(limit, doors, subject.settings.report_memory)


def judged_memory(limit: int, doors: int, report_memory: int) -> Diagnosis:
    """What so many bytes are good for."""
    alone = _OF_WHOLE if doors == 0 else _OF_ONE_DOOR + (doors - 1) * _OF_DOOR
    named = f"{limit / 1e9:.1f} GB; the server takes {alone / 1e6:,.0f} MB (HEROPIXEL_DOORS: {doors})"
    if limit < alone:
        return broken(f"{named}: the system will end it", "Take fewer doors (HEROPIXEL_DOORS), or give it more memory.")
    if limit < alone + report_memory:
        room = max(limit - alone, 0) // 1_000_000 * 1_000_000
        found = f"{named}, and one report up to {report_memory / 1e6:,.0f} MB more (HEROPIXEL_REPORT_MEMORY)"
        to_do = f"Set HEROPIXEL_REPORT_MEMORY to {max(room, 100_000_000)}, or give it more memory."
        return warning(found, to_do)
    return ok(f"{named}, and one report {report_memory / 1e6:,.0f} MB at most")


# As docs/operate.md says; an empty directory, and 28 MB of it in the engine and in each door.
_OF_WHOLE, _OF_ONE_DOOR, _OF_DOOR = 170_000_000, 260_000_000, 50_000_000


def limit_of(process: str, proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int | None:
    """The bytes of memory that a process may have: the machine's, or less by its control groups."""
    limits = []
    if (proc / "meminfo").exists():
        total = next(line for line in (proc / "meminfo").read_text().splitlines() if line.startswith("MemTotal:"))
        limits.append(int(total.split()[1]) * 1024)
    try:
        (own,) = (line[3:] for line in (proc / process / "cgroup").read_text().splitlines() if line.startswith("0::"))
    except (OSError, ValueError):  # not Linux, or the older control groups
        return min(limits, default=None)
    group = groups / own.lstrip("/")
    for at in (group, *group.parents):
        if at == groups.parent:
            break
        text = (at / "memory.max").read_text().strip() if (at / "memory.max").exists() else "max"
        limits += [int(text)] if text.isdigit() else []
    return min(limits, default=None)


def open_files(subject: Subject) -> Diagnosis:
    """Whether a door may have as many connections as the settings let clients have."""
    return judged_files(_files_of(subject.process), subject.settings.max_listeners)


def _files_of(process: str) -> int:
    """How many files a process may have open."""
    try:
        for line in Path(f"/proc/{process}/limits").read_text().splitlines():
            if line.startswith("Max open files"):
                soft = line.split()[3]
                return int(soft) if soft.isdigit() else sys.maxsize
    except OSError:
        if process != str(os.getpid()) and process != "self":
            raise
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def judged_files(limit: int, listeners: int) -> Diagnosis:
    """What so many open files of a process are good for."""
    if limit < _LEAST_FILES:
        found = f"a process may have {limit:,} files open, and the event store alone needs hundreds"
        return broken(found, f"Set LimitNOFILE={_GOOD_FILES} in the unit of systemd, or ulimit -n {_GOOD_FILES}.")
    if limit < listeners + _LEAST_FILES:
        found = f"a process may have {limit:,} files open, and HEROPIXEL_MAX_LISTENERS allows {listeners:,} connections"
        to_do = f"Set LimitNOFILE={_GOOD_FILES} in the unit of systemd, or lower HEROPIXEL_MAX_LISTENERS."
        return warning(found, to_do)
    return ok(f"a process may have {limit:,}")


_LEAST_FILES, _GOOD_FILES = 512, 65_536
