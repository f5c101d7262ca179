"""A cache of apps, pixels and domains, which every request needs. It reloads what another process changed."""

import asyncio
import logging
import threading
from collections.abc import Mapping
from typing import Protocol

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from heropixel.calendars import Calendar, Weekday, zone_of
from heropixel.directory import Directory
from heropixel.directory.apps import Secret
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.revision import read_revision
from heropixel.directory.tables import apps, domains, pixels, return_hosts, secrets
from heropixel.outages import Outage

POLL_SECONDS = 0.3  # the promise is "within a second"; one check costs a few microseconds


class App(msgspec.Struct, frozen=True):
    """An app and its secrets."""

    number: int
    id: str
    name: str
    created_at: int  # Unix milliseconds
    secrets: tuple[Secret, ...]


class Pixel(msgspec.Struct, frozen=True):
    """A pixel and where it may be used."""

    id: int
    app: int
    exact: frozenset[str]
    with_subdomains: frozenset[str]
    consent_mode: str = ConsentMode.REQUIRED
    name: str = ""
    timezone: str = "UTC"
    week_starts_on: str = Weekday.MONDAY
    return_hosts: frozenset[str] = frozenset()

    @property
    def calendar(self) -> Calendar:
        """How its days and weeks are cut, unless the caller says otherwise."""
        return Calendar(zone_of(self.timezone), Weekday(self.week_starts_on))

    def authorises(self, host: str) -> bool:
        """Whether the pixel may be used on this (normalised) host."""
        return host in self.exact or _is_below(host, self.with_subdomains)

    def goes_on_from(self, host: str) -> bool:
        """Whether a visit goes on that comes from this (normalised) host."""
        return self.authorises(host) or _is_below(host, self.return_hosts)


def _is_below(host: str, hosts: frozenset[str]) -> bool:
    """Whether a host is one of these, or below one."""
    while host:
        if host in hosts:
            return True
        host = host.partition(".")[2]
    return False


class Follower(Protocol):
    """Something else in memory that is reloaded when the revision differs."""

    def reload(self, connection: Connection) -> None:
        """Read everything again."""


class Registry:
    """The current apps and pixels. Reading them needs no lock."""

    def __init__(self, directory: Directory, *followers: Follower) -> None:
        self._directory = directory
        self._followers = followers
        self.revision = -1  # of what is in memory, or an earlier one: read it before that
        self._refreshing = threading.Lock()
        self._is_closed = False
        self.apps: Mapping[str, App] = {}
        self.by_number: Mapping[int, App] = {}
        self.pixels: Mapping[int, Pixel] = {}
        self.refresh()

    def owns(self, pixel: int, host: str) -> bool:
        """Whether a visit of a pixel goes on that comes from a (normalised) host: of the site, or a return host."""
        found = self.pixels.get(pixel)
        return found is not None and found.goes_on_from(host)

    def refresh(self) -> bool:
        """Reload everything if it has changed. Returns whether it had."""
        with self._refreshing:
            if self._is_closed:
                return False
            connection = self._directory.connection
            number = read_revision(connection)
            if number == self.revision:
                return False
            apps = read_apps(connection)
            self.by_number = {app.number: app for app in apps.values()}
            self.apps, self.pixels = apps, read_pixels(connection)
            for follower in self._followers:
                follower.reload(connection)
            self.revision = number
            return True

    def close(self) -> None:
        """Wait until no thread reads the directory. Afterwards none begins to, so it may be closed.

        A task that is cancelled leaves its thread behind. SQLite crashes where that reads what has been closed, and the
        embedded engine's handler of crashes then waits for ever.
        """
        with self._refreshing:
            self._is_closed = True

    async def keep_fresh(self) -> None:
        """Check for changes for ever, on another thread: a slow disk must not block requests that only read memory."""
        outage = Outage("changes of apps and pixels are noticed again", logging.ERROR)
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await asyncio.to_thread(self.refresh)
            except DBAPIError as error:
                outage.failed("changes of apps and pixels are not noticed now", error)
            else:
                outage.worked()


def read_apps(connection: Connection) -> dict[str, App]:
    """Every app by its appId."""
    known: dict[int, list[Secret]] = {}
    every = select(secrets.c.app, secrets.c.sha256, secrets.c.created_at, secrets.c.expires_at)
    for app, *secret in connection.execute(every.order_by(secrets.c.created_at)):
        known.setdefault(app, []).append(Secret(*secret))
    rows = connection.execute(select(apps.c.number, apps.c.id, apps.c.name, apps.c.created_at))
    return {row.id: App(*row, tuple(known.get(row.number, ()))) for row in rows}


def read_pixels(connection: Connection) -> dict[int, Pixel]:
    """Every pixel by its id."""
    exact: dict[int, set[str]] = {}
    below: dict[int, set[str]] = {}
    for pixel, host, subdomains in connection.execute(select(domains.c.pixel, domains.c.host, domains.c.subdomains)):
        (below if subdomains else exact).setdefault(pixel, set()).add(host)
    returning: dict[int, set[str]] = {}
    for pixel, host in connection.execute(select(return_hosts.c.pixel, return_hosts.c.host)):
        returning.setdefault(pixel, set()).add(host)
    return {
        pixel: Pixel(
            pixel,
            app,
            frozenset(exact.get(pixel, ())),
            frozenset(below.get(pixel, ())),
            consent_mode,
            name,
            timezone,
            week_starts_on,
            frozenset(returning.get(pixel, ())),
        )
        for pixel, app, consent_mode, name, timezone, week_starts_on in connection.execute(
            select(
                *(pixels.c.id, pixels.c.app, pixels.c.consent_mode, pixels.c.name),
                *(pixels.c.timezone, pixels.c.week_starts_on),
            )
        )
    }
