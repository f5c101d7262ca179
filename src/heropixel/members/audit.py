"""The audit list: what members and keys did to people, keys, shares and roles, for a year, without personal data."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from heropixel.directory.member_tables import audit_entries

KEPT_MILLISECONDS = 365 * 86_400_000


class AuditEntry(NamedTuple):
    """One thing that was done."""

    id: int
    at: int  # Unix milliseconds
    by: str  # MEMBER, KEY, SECRET or COMMAND
    by_id: str | None
    action: str
    about: str  # ids, never a name or an address


def add_entry(connection: Connection, app: int, now: int, by: str, by_id: str | None, action: str, about: str) -> None:
    """Add an entry, and drop those that are older than a year."""
    connection.execute(insert(audit_entries).values(app=app, at=now, by=by, by_id=by_id, action=action, about=about))
    connection.execute(delete(audit_entries).where(audit_entries.c.at < now - KEPT_MILLISECONDS))


def list_entries(connection: Connection, app: int, before: int | None, limit: int | None) -> list[AuditEntry]:
    """A page of the entries of an app, newest first, from the first with a lower id than `before`."""
    rows = (
        select(
            audit_entries.c.id,
            audit_entries.c.at,
            audit_entries.c.by,
            audit_entries.c.by_id,
            audit_entries.c.action,
            audit_entries.c.about,
        )
        .where(audit_entries.c.app == app)
        .order_by(audit_entries.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(audit_entries.c.id < before)
    return [AuditEntry(*row) for row in connection.execute(rows)]


def count_entries(connection: Connection, app: int) -> int:
    """How many entries an app has."""
    return connection.execute(select(func.count()).where(audit_entries.c.app == app)).scalar_one()
