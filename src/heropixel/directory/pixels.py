"""Pixels and the domains they may be used on."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, literal, select, true, union_all, update

from heropixel.calendars import Weekday, zone_of
from heropixel.directory.consent_modes import ConsentMode
from heropixel.directory.erasures import Erasure, add_erasure
from heropixel.directory.hosts import host_in, is_public_suffix, is_registrable
from heropixel.directory.names import usable_name
from heropixel.directory.retentions import set_retention
from heropixel.directory.revision import bump_revision
from heropixel.directory.share_tables import shares
from heropixel.directory.tables import apps, domains, pixels, retentions, return_hosts
from heropixel.directory.view_tables import saved_views
from heropixel.errors import DomainUnusable, PixelNotFound


class PixelRow(NamedTuple):
    """A pixel as it is listed."""

    id: int
    name: str
    app_id: str
    created_at: int  # Unix milliseconds
    retention_days: int | None  # None: its pageviews are kept for ever
    consent_mode: str  # a ConsentMode
    timezone: str  # a name of the IANA database
    week_starts_on: str  # a Weekday
    domains: list[str]  # in alphabetical order
    return_hosts: list[str]  # in alphabetical order; see return_hosts.py


def create_pixel(
    connection: Connection,
    app: int,
    name: str,
    hosts: Sequence[str],
    now: int,
    consent_mode: str = ConsentMode.REQUIRED,
) -> int:
    """Make a pixel that may be used on these domains. Returns its id.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
        DomainUnusable: a domain is no host name, or belongs to nobody (`co.uk`).
    """
    pixel = connection.execute(
        insert(pixels)
        .values(app=app, name=usable_name(name), created_at=now, consent_mode=ConsentMode(consent_mode))
        .returning(pixels.c.id)
    ).scalar_one()
    for host in hosts:
        add_domain(connection, pixel, host)
    bump_revision(connection)
    return int(pixel)


def rename_pixel(connection: Connection, pixel: int, name: str) -> None:
    """Give a pixel another name.

    Raises:
        InvalidName: the name is empty, too long or cannot be printed.
    """
    connection.execute(update(pixels).where(pixels.c.id == pixel).values(name=usable_name(name)))


def set_consent_mode(connection: Connection, pixel: int, consent_mode: str) -> None:
    """Set the consent that the visitors of a pixel must give from now on."""
    connection.execute(update(pixels).where(pixels.c.id == pixel).values(consent_mode=ConsentMode(consent_mode)))
    bump_revision(connection)


def set_calendar(
    connection: Connection, pixel: int, timezone: str | None = None, week_starts_on: str | None = None
) -> None:
    """Set the time zone of a pixel, or the first day of its weeks, or both. None: it stays.

    Raises:
        InvalidTimezone: there is no such time zone.
    """
    if timezone is not None:
        connection.execute(update(pixels).where(pixels.c.id == pixel).values(timezone=zone_of(timezone).key))
    if week_starts_on is not None:
        day = Weekday(week_starts_on)
        connection.execute(update(pixels).where(pixels.c.id == pixel).values(week_starts_on=day))
    bump_revision(connection)


def delete_pixel(connection: Connection, pixel: int, *, erase: bool, origin: str, now: int) -> Erasure | None:
    """Delete a pixel that exists. It counts no more pageviews, and its id is never used again.

    With `erase` its pageviews are erased as well. Otherwise they stay, for as long as the retention says, and
    are exported as before.
    """
    app = connection.execute(select(pixels.c.app).where(pixels.c.id == pixel)).scalar_one()
    for table in (domains, return_hosts, saved_views, shares):
        connection.execute(delete(table).where(table.c.pixel == pixel))
    connection.execute(delete(pixels).where(pixels.c.id == pixel))
    bump_revision(connection)
    if not erase:
        return None
    set_retention(connection, pixel, None)  # no pageviews are left for which a retention could hold
    return add_erasure(connection, app, {}, origin, now, pixel=pixel)


def add_domain(connection: Connection, pixel: int, domain: str) -> bool:
    """Authorise a domain for a pixel that exists. Returns False where it was authorised already.

    A registrable domain (`example.co.uk`) authorises its subdomains too.

    Raises:
        DomainUnusable: the domain is no host name, or belongs to nobody (`co.uk`).
    """
    host = _usable_host(domain)
    if is_public_suffix(host):
        raise DomainUnusable(domain=domain, why="anybody can register names below it")
    if _has_domain(connection, pixel, host):
        return False
    connection.execute(insert(domains).values(pixel=pixel, host=host, subdomains=is_registrable(host)))
    bump_revision(connection)
    return True


def remove_domain(connection: Connection, pixel: int, domain: str) -> bool:
    """Remove a domain from a pixel that exists. Returns False where the pixel did not have it.

    Raises:
        DomainUnusable: the domain is no host name.
    """
    host = _usable_host(domain)
    if not _has_domain(connection, pixel, host):
        return False
    connection.execute(delete(domains).where(domains.c.pixel == pixel, domains.c.host == host))
    bump_revision(connection)
    return True


def _usable_host(domain: str) -> str:
    host = host_in(domain)
    if host is None:
        raise DomainUnusable(domain=domain[:100], why=_why_unusable(domain.strip()))
    return host


def _why_unusable(domain: str) -> str:
    if domain.lower().startswith("file:"):
        return "a file has no host, so no browser says where it comes from; send its pageviews over the API instead"
    if domain.startswith("*.") and (host := host_in(domain[2:])):
        return f"give {host}: with a registrable domain all its subdomains are authorised"
    return "it is not a host name; give only the host name, such as example.com"


def _has_domain(connection: Connection, pixel: int, host: str) -> bool:
    found = connection.execute(select(domains.c.host).where(domains.c.pixel == pixel, domains.c.host == host))
    return found.first() is not None


def find_pixel(connection: Connection, pixel: int, app: int | None = None) -> PixelRow:
    """A pixel with its domains. With `app` it must be a pixel of this app; without, as for the operator, of any.

    Raises:
        PixelNotFound: there is none, or it belongs to another app.
    """
    found = _rows(connection, _of(_PIXELS.where(pixels.c.id == pixel), app))
    if not found:
        raise PixelNotFound
    return found[0]


def find_pixels(connection: Connection, ids: Collection[int], app: int) -> dict[int, PixelRow]:
    """The pixels of an app with these ids, with their domains. Ids without a pixel are left out."""
    return {row.id: row for row in _rows(connection, _of(_PIXELS.where(pixels.c.id.in_(ids)), app))}


def list_pixels(
    connection: Connection,
    app: int | None = None,
    after: int = 0,
    limit: int | None = None,
    only: Collection[int] | None = None,
) -> list[PixelRow]:
    """One page of pixels with their domains, by id, from the first beyond `after`: of this app, or of all apps.

    `only`: none but these.
    """
    wanted = _PIXELS.where(pixels.c.id > after, true() if only is None else pixels.c.id.in_(only))
    return _rows(connection, _of(wanted.limit(limit), app))


def count_pixels(connection: Connection, app: int, only: Collection[int] | None = None) -> int:
    """How many pixels an app has; `only`: of these."""
    counted = select(func.count()).where(pixels.c.app == app, true() if only is None else pixels.c.id.in_(only))
    return connection.execute(counted).scalar_one()


_PIXELS = (
    select(
        *(pixels.c.id, pixels.c.name, apps.c.id, pixels.c.created_at, retentions.c.days, pixels.c.consent_mode),
        *(pixels.c.timezone, pixels.c.week_starts_on),
    )
    .join(apps, apps.c.number == pixels.c.app)
    .outerjoin(retentions, retentions.c.pixel == pixels.c.id)
    .order_by(pixels.c.id)
)


_Pixels = Select[int, str, str, int, int | None, str, str, str]


def _of(pixels_of_all: _Pixels, app: int | None) -> _Pixels:
    return pixels_of_all if app is None else pixels_of_all.where(pixels.c.app == app)


def _rows(connection: Connection, wanted: _Pixels) -> list[PixelRow]:
    found = {row[0]: PixelRow(*row, domains=[], return_hosts=[]) for row in connection.execute(wanted)}
    which = wanted.with_only_columns(pixels.c.id)
    hosts = union_all(
        *(
            select(table.c.pixel, table.c.host, literal(table.name).label("of")).where(table.c.pixel.in_(which))
            for table in (domains, return_hosts)
        )
    )
    for pixel, host, of in connection.execute(hosts.order_by("pixel", "host")):
        if pixel in found:  # a pixel that was made between the two statements is left out
            (found[pixel].domains if of == domains.name else found[pixel].return_hosts).append(host)
    return list(found.values())
