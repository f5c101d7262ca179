"""A pixel has a consent mode. Existing pixels get the strictest mode that still recognises visitors."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("pixels", sa.Column("consent_mode", sa.String, nullable=False, server_default="REQUIRED"))
