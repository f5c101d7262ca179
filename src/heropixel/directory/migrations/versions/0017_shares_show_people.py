"""A share may show people, if an owner says so. Existing shares show figures only."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("shares", sa.Column("show_people", sa.Boolean, nullable=False, server_default=sa.false()))
