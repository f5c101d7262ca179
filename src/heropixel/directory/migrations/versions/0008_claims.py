"""Claims of visitors wait here until they are looked up."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("app", sa.Integer, nullable=False),
        sa.Column("visitor_id", sa.String, nullable=False),
        sa.Column("known_by", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
