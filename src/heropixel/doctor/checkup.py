"""All checks, in the order in which to mend what they find. Each says one thing, and none changes anything."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from heropixel.doctor import database_checks, event_checks, folder_checks, machine_checks, settings_checks, store_checks
from heropixel.doctor.backlog import backlog
from heropixel.doctor.diagnosis import Check, Diagnosis, Subject, Verdict, broken, unknown
from heropixel.errors import StoreUnavailable
from heropixel.outages import loggable
from heropixel.troubles import Trouble

# A part of the product adds its own here. A check that does not concern an installation says None.
CHECKS: Mapping[str, Check] = {
    "server": settings_checks.server,
    "settings": settings_checks.names,
    "contradictions": settings_checks.contradictions,
    "proxies": settings_checks.proxies,
    "public URL": settings_checks.public_url,
    "places": settings_checks.places,
    "data folder": folder_checks.permissions,
    "stores": store_checks.stores,
    "versions": store_checks.versions,
    "key": store_checks.key,
    "database": database_checks.database,
    "durability": database_checks.durability,
    "database clock": database_checks.clock_of_database,
    "event store": event_checks.event_store,
    "backlog": backlog,
    "file system": folder_checks.file_system,
    "disk sync": folder_checks.disk_sync,
    "free disk": folder_checks.free_disk,
    "sockets": folder_checks.sockets,
    "port": machine_checks.port,
    "clock": machine_checks.clock,
    "time zones": machine_checks.time_zones,
    "memory": machine_checks.memory,
    "open files": machine_checks.open_files,
}


class NamedDiagnosis(NamedTuple):
    """What the check of this name says."""

    name: str
    diagnosis: Diagnosis


def examine(subject: Subject) -> Iterator[NamedDiagnosis]:
    """Make each check that concerns this installation."""
    for name, check in CHECKS.items():
        diagnosis = _made(check, subject)
        if diagnosis:
            yield NamedDiagnosis(name, diagnosis)


def keeps_promises(made: list[NamedDiagnosis]) -> bool:
    """Whether no check has found that a promise is broken."""
    return all(one.diagnosis.verdict is not Verdict.BROKEN for one in made)


def _made(check: Check, subject: Subject) -> Diagnosis | None:
    """What would stop a server or a command is a finding here, with the same sentence."""
    try:
        return check(subject)
    except Trouble as trouble:
        return broken(trouble.message)
    except (StoreUnavailable, DBAPIError) as error:
        return broken(f"it cannot be read: {loggable(error)}", "Correct the cause, and run this command again.")
    except OSError as error:
        return unknown(f"it cannot be seen: {error.strerror or error}", "Run this command as the user of the server.")
