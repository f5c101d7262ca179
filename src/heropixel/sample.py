"""The small world of `make run`: an app, a pixel and a few hundred users, so that the first request finds a user."""

import csv
import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from heropixel import folder
from heropixel.clock import clock
from heropixel.directory import open_directory
from heropixel.directory.apps import NewApp, add_secret, app_number, create_app, hash_secret, list_apps, list_secrets
from heropixel.directory.pixels import create_pixel
from heropixel.identity.emails import normalise_email
from heropixel.importing.users import import_users
from heropixel.processes.index import index_of
from heropixel.settings import Settings

_FILE = "sample.json"  # holds the sample's credentials in plain text: this world is for trying out, not for real data


def make_sample_world(settings: Settings, users_file: Path) -> Callable[[str], str] | None:
    """Create the world in an empty folder, or find the one created before.

    Returns a function from the server's URL to the first request; None where the folder holds other apps.

    Raises:
        FileUnusable: the file of users cannot be read.
    """
    remembered = folder.make(settings.data) / _FILE
    if remembered.exists():
        made = _working(settings, msgspec.json.decode(remembered.read_bytes(), type=NewApp), remembered)
    else:
        found = _create(settings, users_file)
        if found is None:
            return None
        made = found
        _remember(remembered, made)
    email = _first_email(users_file)
    return lambda url: first_request(url, made, hashlib.md5(email.encode(), usedforsecurity=False).hexdigest())


def _create(settings: Settings, users_file: Path) -> NewApp | None:
    directory = open_directory(settings.url_of_directory())
    try:
        if list_apps(directory.connection):
            return None
        index = index_of(settings, directory)
        with directory.writing() as connection:
            made = create_app(connection, "Sample", clock())
            number = app_number(connection, made.app_id)
            create_pixel(connection, number, "Sample site", ["example.com"], clock())
        import_users(users_file, directory, index, number, clock, lambda _done, _total: None)
        return made
    finally:
        directory.close()


def _working(settings: Settings, made: NewApp, remembered: Path) -> NewApp:
    """The credentials, with another secret beside those that work where the remembered one was rotated or revoked."""
    with closing(open_directory(settings.url_of_directory())) as directory, directory.writing() as connection:
        number = app_number(connection, made.app_id)
        works = hash_secret(made.secret) in {one.sha256 for one in list_secrets(connection, number, clock())}
        if works:
            return made
        made = NewApp(made.app_id, add_secret(connection, number, clock()))
    _remember(remembered, made)
    return made


def _remember(remembered: Path, made: NewApp) -> None:
    remembered.touch(mode=0o600)
    remembered.write_bytes(msgspec.json.encode(made))


def _first_email(users_file: Path) -> str:
    with users_file.open(newline="") as rows:
        return normalise_email(next(csv.DictReader(rows))["email"]) or ""


def first_request(url: str, app: NewApp, md5: str) -> str:
    """The request of the README, as a line for the shell."""
    query = (
        "mutation HeroPixel($event: PageviewEventInput!) {"
        f' pageview(auth: {{ appId: "{app.app_id}", appSecret: "{app.secret}" }}, event: $event)'
        " { message code data } }"
    )
    body = {"query": query, "variables": {"event": {"md5": md5, "pixelId": 1, "domain": "example.com"}}}
    return (
        f"curl -X POST {url}/graphql \\\n  -H 'Content-Type: application/json' \\\n"
        f"  -d '{msgspec.json.encode(body).decode()}'"
    )
