"""The small world of `make run`: an app, a pixel, some hundred users, 70 days of pageviews, all of them invented."""

import csv
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec

from heropixel import folder
from heropixel.clock import clock
from heropixel.directory import Directory
from heropixel.directory.apps import NewApp, add_secret, app_number, create_app, hash_secret, list_apps, list_secrets
from heropixel.directory.pixels import create_pixel
from heropixel.directory.registry import read_pixels
from heropixel.errors import Refusal
from heropixel.identity.emails import normalise_email
from heropixel.importing.users import import_users
from heropixel.processes.current_directory import current_directory
from heropixel.processes.index import index_of
from heropixel.sample.history import record_history
from heropixel.sample.pages import HOST
from heropixel.sample.pageviews import DAY, instant_of, pageviews_between
from heropixel.sample.people import SamplePerson
from heropixel.sample.visits import PIXEL
from heropixel.settings import Settings
from heropixel.troubles import FileUnusable

_SEED = 7
_FILE = "sample.json"  # holds the sample's credentials in plain text: this world is for trying out, not for real data


Say = Callable[[str], None]


class SampleWorld(NamedTuple):
    """The sample world of a folder."""

    app: NewApp
    customers: list[SamplePerson]
    recorded: int  # pageviews, by this start


class _Remembered(NamedTuple):
    """What the file holds. Times are in Unix milliseconds; 0: there are no pageviews yet."""

    app_id: str
    secret: str
    began: int = 0
    until: int = 0

    @property
    def app(self) -> NewApp:
        return NewApp(self.app_id, self.secret)


def make_sample_world(settings: Settings, users_file: Path, days: int, say: Say, now: int) -> SampleWorld | None:
    """Create the world in an empty folder, or find the one created before. Then add the pageviews that are missing.

    None where the folder holds other apps. `say` gets a sentence before something takes some seconds.

    Raises:
        FileUnusable: the file of users cannot be read.
    """
    path = folder.make(settings.data) / _FILE
    customers = _customers(users_file)
    with closing(current_directory(settings)) as directory:
        remembered = _working(directory, path) if path.exists() else _created(directory, settings, users_file)
        if remembered is None:
            return None
        _remember(path, remembered)
        is_there = _has_pixel(directory, remembered.app)
    recorded = _continued(settings, remembered, customers, days, say, now) if days and is_there else 0
    return SampleWorld(remembered.app, customers, recorded)


def _created(directory: Directory, settings: Settings, users_file: Path) -> _Remembered | None:
    if list_apps(directory.connection):
        return None
    index = index_of(settings, directory)
    with directory.writing() as connection:
        made = create_app(connection, "Sample", clock())
        number = app_number(connection, made.app_id)
        create_pixel(connection, number, "Sample site", [HOST], clock())
    import_users(users_file, directory, index, number, clock, lambda _done, _total: None)
    return _Remembered(*made)


def _working(directory: Directory, path: Path) -> _Remembered:
    """What is remembered, with another secret beside those that work where that one was rotated or revoked."""
    remembered = msgspec.json.decode(path.read_bytes(), type=_Remembered)
    with directory.writing() as connection:
        number = app_number(connection, remembered.app_id)
        if hash_secret(remembered.secret) in {one.sha256 for one in list_secrets(connection, number, clock())}:
            return remembered
        return remembered._replace(secret=add_secret(connection, number, clock()))


def _remember(path: Path, remembered: _Remembered) -> None:
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(remembered))


def _has_pixel(directory: Directory, app: NewApp) -> bool:
    pixel = read_pixels(directory.connection).get(PIXEL)
    return pixel is not None and pixel.app == app_number(directory.connection, app.app_id) and pixel.authorises(HOST)


def _continued(
    settings: Settings, remembered: _Remembered, customers: list[SamplePerson], days: int, say: Say, now: int
) -> int:
    """Record the pageviews from the last one until now, and return how many.

    A world that was left alone for longer than `days` begins anew, so that no start takes longer than the first one.
    """
    length = days * DAY
    if (remembered.until or remembered.began + length) < now - length:
        remembered = remembered._replace(began=now - length, until=0)
    began, until = remembered.began, remembered.until or remembered.began
    pageviews = [each for each in pageviews_between(_SEED, began, now, customers) if instant_of(each) > until]
    if len(pageviews) > _MANY:
        say(f"Making {round((now - until) / DAY)} days of pageviews for the sample site. It takes some seconds, once.")
    # Before they are recorded: the start after an interruption makes the same ones, and records none of them twice.
    _remember(settings.data / _FILE, remembered)
    recorded = record_history(settings, remembered.app, pageviews, () if remembered.until else customers)
    _remember(settings.data / _FILE, remembered._replace(until=now))
    return recorded


_MANY = 2_000  # pageviews: they take about half a second


def _customers(users_file: Path) -> list[SamplePerson]:
    with users_file.open(newline="", encoding="utf-8") as rows:
        found = [
            SamplePerson(email, row.get("external_id") or "", row.get("city") or "")
            for row in csv.DictReader(rows)
            if (email := _usable(row.get("email") or ""))
        ]
    if not found:  # the first request is about the first of them
        raise FileUnusable(path=users_file, why="none of its rows has an email")
    return found


def _usable(email: str) -> str | None:
    """The address; None where the import of users has rejected its row too."""
    try:
        return normalise_email(email)
    except Refusal:
        return None
