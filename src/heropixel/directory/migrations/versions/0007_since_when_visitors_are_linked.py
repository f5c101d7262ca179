"""The identifiers of visitors store since when they are linked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Adding a column that may be null touches no row, however many there are.
    op.add_column("identifiers", sa.Column("linked_at", sa.BigInteger))
