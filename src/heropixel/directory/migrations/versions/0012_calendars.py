"""A pixel has a time zone and a first day of the week. Existing pixels get what reports have used until now."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("pixels", sa.Column("timezone", sa.String, nullable=False, server_default="UTC"))
    op.add_column("pixels", sa.Column("week_starts_on", sa.String, nullable=False, server_default="MONDAY"))
