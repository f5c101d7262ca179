"""Contacts may be suppressed and people erased; both reach the event store afterwards."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_column("users", "suppressed")
    op.add_column("users", sa.Column("suppressed_until", sa.BigInteger, nullable=False, server_default=sa.text("0")))
    op.add_column("state", sa.Column("store_emails", sa.Boolean, nullable=False, server_default=sa.true()))
    _tell_lone_identifiers()
    _add_suppressions()
    op.create_table(
        "links",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("linked_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("users", sa.Text),
        sa.Column("pixel", sa.Integer),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("done_at", sa.BigInteger),
    )
    op.create_index("ix_erasures_waiting", "erasures", ["requested_at"], sqlite_where=sa.text("done_at IS NULL"))


def _tell_lone_identifiers() -> None:
    op.add_column("identifiers", sa.Column("lone", sa.Boolean, nullable=False, server_default=sa.false()))
    # Here it is not known which of them come from stored contacts: all are marked, which costs only their bytes.
    op.execute("UPDATE identifiers SET lone = 1")
    op.create_index("ix_identifiers_lone", "identifiers", ["user_id"], sqlite_where=sa.text("lone"))


def _add_suppressions() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.String),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("tombstone", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_suppressions_app", "suppressions", ["app", "id"])
    op.create_index(
        "ix_suppressions_expires_at", "suppressions", ["expires_at"], sqlite_where=sa.text("expires_at IS NOT NULL")
    )
    op.create_table(
        "suppressed",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("suppression", sa.Integer, sa.ForeignKey("suppressions.id"), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_suppressed_suppression", "suppressed", ["suppression"])
