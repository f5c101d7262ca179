"""Hosts that send a pixel's visitors back to its site: its own payment or sign-in pages, beside those that all know.

A pageview that comes from one goes on with the visit, as one from another page of the site does.
"""

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.hosts import host_in, is_public_suffix
from heropixel.directory.revision import bump_revision
from heropixel.directory.tables import return_hosts
from heropixel.errors import HostUnusable


def add_return_host(connection: Connection, pixel: int, given: str) -> bool:
    """Let a host, and all below it, send visitors back to a pixel that exists. Returns False where it did already.

    Raises:
        HostUnusable: it is no host name, or belongs to nobody (`co.uk`).
    """
    host = _usable(given)
    if _has(connection, pixel, host):
        return False
    connection.execute(insert(return_hosts).values(pixel=pixel, host=host))
    bump_revision(connection)
    return True


def remove_return_host(connection: Connection, pixel: int, given: str) -> bool:
    """Let a host be a source of visits again. Returns False where it was one.

    Raises:
        HostUnusable: it is no host name.
    """
    host = _usable(given)
    if not _has(connection, pixel, host):
        return False
    connection.execute(delete(return_hosts).where(return_hosts.c.pixel == pixel, return_hosts.c.host == host))
    bump_revision(connection)
    return True


def _usable(given: str) -> str:
    host = host_in(given)
    if host is None:
        raise HostUnusable(host=given[:100], why="it is not a host name; give only the host name, such as pay.example")
    if is_public_suffix(host):
        raise HostUnusable(host=given[:100], why="anybody can register names below it")
    return host


def _has(connection: Connection, pixel: int, host: str) -> bool:
    found = select(return_hosts.c.host).where(return_hosts.c.pixel == pixel, return_hosts.c.host == host)
    return connection.execute(found).first() is not None
