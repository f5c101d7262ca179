"""Checks of the stores: whether they are there, whole, of this version, and with the key that they were made with."""

from contextlib import closing
from pathlib import Path

from heropixel import folder
from heropixel.directory.keys import check_key, has_key
from heropixel.directory.schema import NEWEST
from heropixel.doctor.diagnosis import Diagnosis, Subject, ok, warning
from heropixel.doctor.directory import looking_at
from heropixel.events.engine import check_damage
from heropixel.postgres import is_postgres
from heropixel.processes.index import key_given
from heropixel.processes.upgrading import files_of, newest_schemas, refuse_newer, schemas_in
from heropixel.settings import Settings
from heropixel.troubles import KeyMissing, undamaged


def stores(subject: Subject) -> Diagnosis:
    """Whether each store is there and whole, as far as that is seen without reading all of it."""
    settings = subject.settings
    in_folder = settings.stores_in_folder()
    folder.check_none_missing(settings.data, in_folder)
    files = files_of(settings)
    for file in (files.directory, files.journal):
        if file:
            with undamaged(str(file)):
                _read_header(file)
    if files.events:
        check_damage(files.events)
    there = [store for store, path in in_folder.items() if path.exists()]
    elsewhere = [store for store in ("directory", "journal", "event store") if store not in in_folder]
    found = [
        f"in the folder: {', '.join(there)}" if there else "",
        f"at a URL: {', '.join(elsewhere)}" if elsewhere else "",
    ]
    return ok("; ".join(filter(None, found)) or "none yet: the server makes them when it starts")


def _read_header(file: Path) -> None:
    import sqlite3  # noqa: PLC0415 - of no other check
    from urllib.parse import quote  # noqa: PLC0415 - the same

    with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def versions(subject: Subject) -> Diagnosis:
    """Whether this version can use the stores, and its event engine too."""
    files = files_of(subject.settings)
    found, newest = schemas_in(files), newest_schemas(files)
    refuse_newer(files, found, newest)
    if found.behind(newest):
        kept = subject.settings.way_back_days
        to_do = f"The next start upgrades it{', after it has made a way back' if kept else ''}. Take a backup before."
        return warning("an earlier version has made this folder", to_do)
    engine = ".".join(map(str, newest.engine)) if newest.engine else "none here"
    known = {
        "directory": found.directory or _directory_on_server(subject.settings),
        "journal": found.journal,
        "event store": found.events,
    }
    told = [f"{store} {schema}" for store, schema in known.items() if schema is not None]
    return ok(f"{', '.join(told) or 'no store yet'}; event engine {engine}")


def _directory_on_server(settings: Settings) -> str | None:
    """The schema of a directory in a database, if it is that of this version."""
    if not is_postgres(settings.url_of_directory()):
        return None
    with looking_at(settings) as directory:
        return NEWEST if directory else None


def key(subject: Subject) -> Diagnosis:
    """Whether the key of the identifiers is there, and the one that the directory was made with."""
    settings = subject.settings
    if subject.state and subject.state.settings.get("key") and not settings.key:
        return ok("set by HEROPIXEL_KEY, and the server has found that it fits the directory")
    with looking_at(settings) as directory:
        made = directory is not None and has_key(directory)
        given = key_given(settings, make_one=False)
        where = "HEROPIXEL_KEY" if settings.key else str(settings.data.absolute() / "directory.key")
        if directory is None or not made:
            return ok("not made yet" if given is None else f"{where}, and the directory has no user yet")
        if given is None:
            raise KeyMissing
        check_key(directory, given)
    return ok(f"{where} fits the directory")
