"""The keys of erased users: the loader finds by them the beacons that came before the erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("erasures", sa.Column("known_by", sa.LargeBinary))
