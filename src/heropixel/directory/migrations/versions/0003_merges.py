"""Two users may be merged."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("users", sa.Column("merged_into", sa.BigInteger))
    op.create_index("ix_users_merged_into", "users", ["merged_into"], sqlite_where=sa.text("merged_into IS NOT NULL"))
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("one", sa.BigInteger, nullable=False),
        sa.Column("one_key", sa.LargeBinary(16), nullable=False),
        sa.Column("one_by", sa.String, nullable=False),
        sa.Column("other", sa.BigInteger, nullable=False),
        sa.Column("other_key", sa.LargeBinary(16), nullable=False),
        sa.Column("other_by", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("merged_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("older", sa.BigInteger, nullable=False),
        sa.Column("newer", sa.BigInteger, nullable=False),
        sa.Column("gained", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    for column in ("one", "one_key", "other", "other_key"):
        op.create_index(f"ix_merges_{column}", "merges", [column])
    op.create_table(
        "unreliable",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("marked_at", sa.BigInteger, nullable=False),
    )
