"""The directory of version 0.1: apps, secrets, pixels, domains, users, identifiers, contacts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "apps",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_user", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("id", name="uq_apps_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "secrets",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pixels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "domains",
        sa.Column("pixel", sa.Integer, sa.ForeignKey("pixels.id"), primary_key=True),
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("subdomains", sa.Boolean, nullable=False),
    )
    state = op.create_table(
        "state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("key_check", sa.LargeBinary(16)),
    )
    op.bulk_insert(state, [{"id": 1, "revision": 0}])
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("external_id", sa.String),
        sa.Column("traits", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("learned", sa.Boolean, nullable=False),
        sa.Column("suppressed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "identifiers",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("form", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contacts",
        sa.Column("user_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("value", sa.String, primary_key=True),
        sqlite_with_rowid=False,
    )
