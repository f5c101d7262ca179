"""Links show the figures of a pixel to people who cannot sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("sha256", sa.LargeBinary(32), primary_key=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), nullable=False),
        sa.Column("pixel", sa.Integer, sa.ForeignKey("pixels.id"), nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("filter", sa.Text),
        sa.Column("embed_on", sa.Text, nullable=False),
        sa.Column("signing_key", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        if_not_exists=True,
    )
    op.create_index("ix_shares_app", "shares", ["app"], if_not_exists=True)
    op.create_index("ix_shares_pixel", "shares", ["pixel"], if_not_exists=True)
