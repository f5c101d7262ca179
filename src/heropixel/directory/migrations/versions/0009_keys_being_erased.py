"""By what beacons that came before an erasure, and wait to be loaded, are found to be of whom it erases."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("erasures", sa.Column("known_by", sa.LargeBinary))
