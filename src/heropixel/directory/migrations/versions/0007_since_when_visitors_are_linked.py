"""Of a visitor is known since when it is its user's."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Adding a column that may be null touches no row, however many there are.
    op.add_column("identifiers", sa.Column("linked_at", sa.BigInteger))
