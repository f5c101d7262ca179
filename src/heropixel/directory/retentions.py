"""Retentions: how long the pageviews of a pixel are kept. A pixel without one keeps them for ever."""

from sqlalchemy import Connection, delete, insert, select

from heropixel.directory.revision import bump_revision
from heropixel.directory.tables import retentions
from heropixel.errors import InvalidRetention

MAX_DAYS = 36_500  # a hundred years: more is a typing error, and no date


def set_retention(connection: Connection, pixel: int, days: int | None) -> None:
    """Keep the pageviews of a pixel for this many days; None: for ever.

    Raises:
        InvalidRetention: too few or too many days.
    """
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise InvalidRetention(limit=MAX_DAYS)
    connection.execute(delete(retentions).where(retentions.c.pixel == pixel))
    if days is not None:
        connection.execute(insert(retentions).values(pixel=pixel, days=days))
    bump_revision(connection)


def read_retentions(connection: Connection) -> dict[int, int]:
    """The retention in days by pixel id, also of deleted pixels. Pixels without a retention are left out."""
    return {row.pixel: row.days for row in connection.execute(select(retentions))}
