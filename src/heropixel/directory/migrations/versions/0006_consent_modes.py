"""A pixel says what consent its visitors have to give: those there are, the strictest that still recognises anybody."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("pixels", sa.Column("consent_mode", sa.String, nullable=False, server_default="REQUIRED"))
