"""Members sign in, keys have narrower scopes than the secret, and an audit list says what they did."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("email", sa.String, unique=True),
        sa.Column("password", sa.String),
        sa.Column("show_addresses", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "roles",
        sa.Column("member", sa.String, sa.ForeignKey("members.id"), primary_key=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("member", sa.String, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger, nullable=False),
        sa.Column("by_link", sa.Boolean, nullable=False),
        sa.Column("user_agent", sa.String, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_sessions_member", "sessions", ["member"], if_not_exists=True)
    op.create_table(
        "sign_in_links",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("member", sa.String, sa.ForeignKey("members.id")),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_sign_in_links_member", "sign_in_links", ["member"], if_not_exists=True)
    op.create_table(
        "api_keys",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("pixels", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        if_not_exists=True,
    )
    op.create_index("ix_api_keys_app", "api_keys", ["app"], if_not_exists=True)
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("by_id", sa.String),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_audit_entries_app", "audit_entries", ["app", "id"], if_not_exists=True)
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"], if_not_exists=True)
