"""Pixels and the domains they may be used on."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.apps import app_number
from heropixel.directory.hosts import is_public_suffix, is_registrable, normalise_host
from heropixel.directory.registry import bump_revision
from heropixel.directory.tables import apps, domains, pixels
from heropixel.errors import DomainUnusable, PixelUnknown


class PixelRow(NamedTuple):
    """A pixel as the operator lists it."""

    id: int
    name: str
    app_id: str
    domains: list[str]


def create_pixel(connection: Connection, app_id: str, name: str, hosts: Sequence[str], now: int) -> int:
    """Make a pixel that may be used on these domains; answers its id.

    Raises:
        AppNotFound: there is no such app.
        DomainUnusable: a domain is no host name, or belongs to nobody (`co.uk`).
    """
    pixel = connection.execute(
        insert(pixels).values(app=app_number(connection, app_id), name=name, created_at=now).returning(pixels.c.id)
    ).scalar_one()
    for host in hosts:
        add_domain(connection, pixel, host)
    bump_revision(connection)
    return int(pixel)


def add_domain(connection: Connection, pixel: int, domain: str) -> bool:
    """Authorise a domain for a pixel; False where it was already.

    A domain as one registers it (`example.co.uk`) authorises everything below it too.

    Raises:
        PixelUnknown: there is no such pixel.
        DomainUnusable: the domain is no host name, or belongs to nobody (`co.uk`).
    """
    _check_pixel(connection, pixel)
    host = _usable_host(domain)
    if _has_domain(connection, pixel, host):
        return False
    connection.execute(insert(domains).values(pixel=pixel, host=host, subdomains=is_registrable(host)))
    bump_revision(connection)
    return True


def remove_domain(connection: Connection, pixel: int, domain: str) -> bool:
    """Take a domain from a pixel; False where it was not there.

    Raises:
        PixelUnknown: there is no such pixel.
        DomainUnusable: the domain is no host name.
    """
    _check_pixel(connection, pixel)
    host = normalise_host(domain)
    if host is None:
        raise DomainUnusable(domain=domain, why="it is not a host name")
    if not _has_domain(connection, pixel, host):
        return False
    connection.execute(delete(domains).where(domains.c.pixel == pixel, domains.c.host == host))
    bump_revision(connection)
    return True


def _usable_host(domain: str) -> str:
    host = normalise_host(domain)
    if host is None:
        raise DomainUnusable(domain=domain, why="it is not a host name; give it bare, such as example.com")
    if is_public_suffix(host):
        raise DomainUnusable(domain=domain, why="anybody can register names below it")
    return host


def _has_domain(connection: Connection, pixel: int, host: str) -> bool:
    found = connection.execute(select(domains.c.host).where(domains.c.pixel == pixel, domains.c.host == host))
    return found.first() is not None


def _check_pixel(connection: Connection, pixel: int) -> None:
    if connection.execute(select(pixels.c.id).where(pixels.c.id == pixel)).first() is None:
        raise PixelUnknown(pixel=pixel)


def list_pixels(connection: Connection) -> list[PixelRow]:
    """Every pixel with its domains, by id."""
    rows = connection.execute(
        select(pixels.c.id, pixels.c.name, apps.c.id, domains.c.host)
        .join(apps, apps.c.number == pixels.c.app)
        .outerjoin(domains, domains.c.pixel == pixels.c.id)
        .order_by(pixels.c.id, domains.c.host)
    )
    listed: dict[int, PixelRow] = {}
    for pixel, name, app_id, host in rows:
        row = listed.setdefault(pixel, PixelRow(pixel, name, app_id, []))
        if host is not None:
            row.domains.append(host)
    return list(listed.values())
