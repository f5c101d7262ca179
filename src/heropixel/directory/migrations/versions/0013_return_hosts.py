"""A pixel has hosts that send its visitors back, such as its payment page: they are no sources of visits."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "return_hosts",
        sa.Column("pixel", sa.Integer, sa.ForeignKey("pixels.id"), primary_key=True),
        sa.Column("host", sa.String, primary_key=True),
        if_not_exists=True,
    )
