"""The table of saved views: what the dashboard shows, kept under a name."""

from sqlalchemy import BigInteger, Column, ForeignKey, Table

from heropixel.directory.member_tables import members
from heropixel.directory.tables import STRING, TEXT, apps, metadata, pixels

saved_views = Table(
    "saved_views",
    metadata,
    Column("id", STRING, primary_key=True),
    Column("app", ForeignKey(apps.c.number), nullable=False, index=True),
    Column("member", ForeignKey(members.c.id), index=True, comment="who keeps it and alone sees it; null: the app"),
    Column("pixel", ForeignKey(pixels.c.id), index=True, comment="null: it is offered at all pixels of the app"),
    Column("name", STRING, nullable=False, comment="unique for its member, or among those of the app"),
    Column("shows", TEXT, nullable=False, comment="JSON, see reports/viewed.py"),
    Column("created_at", BigInteger, nullable=False, comment="Unix milliseconds"),
    Column("changed_at", BigInteger, nullable=False, comment="Unix milliseconds"),
)
