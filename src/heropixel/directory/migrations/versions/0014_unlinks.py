"""Browsers that were taken from users, and what linked a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "unlinks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("users", sa.Text, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("unlinked_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("lifted_at", sa.BigInteger),
        sa.Column("linked_to", sa.BigInteger),
        sa.Column("linked_at", sa.BigInteger),
        sa.Column("waiting", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("removed", sa.Text),
        sa.Column("pageviews", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_unlinks_key", "unlinks", ["key"])
    op.create_index("ix_unlinks_person", "unlinks", ["person"])
    op.create_index("ix_unlinks_waiting", "unlinks", ["id"], sqlite_where=sa.text("waiting"))
    if "evidence" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("links")}:
        op.add_column("links", sa.Column("evidence", sa.BigInteger, nullable=False, server_default=sa.text("0")))
