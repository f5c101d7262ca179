"""Members keep views of the dashboard under names."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("app", sa.Integer, sa.ForeignKey("apps.number"), nullable=False),
        sa.Column("member", sa.String, sa.ForeignKey("members.id")),
        sa.Column("pixel", sa.Integer, sa.ForeignKey("pixels.id")),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("shows", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_saved_views_app", "saved_views", ["app"], if_not_exists=True)
    op.create_index("ix_saved_views_member", "saved_views", ["member"], if_not_exists=True)
    op.create_index("ix_saved_views_pixel", "saved_views", ["pixel"], if_not_exists=True)
