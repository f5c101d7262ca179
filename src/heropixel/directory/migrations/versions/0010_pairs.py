"""What was named together, where no user shows it: so the result of calls does not depend on their order."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "pairs",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("other", sa.LargeBinary(16), primary_key=True),
        sa.Column("role", sa.SmallInteger, primary_key=True),
        if_not_exists=True,
    )
    if "given_back" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("merges")}:
        op.add_column("merges", sa.Column("given_back", sa.Boolean, nullable=False, server_default=sa.false()))
    # Merges by hand have no keys. Of the others, both keys were named together.
    for key, other in (("one_key", "other_key"), ("other_key", "one_key")):
        op.execute(
            f"INSERT OR IGNORE INTO pairs (key, other, role) SELECT {key}, {other}, 0 FROM merges"  # noqa: S608 - constants
            " WHERE undone_at IS NULL AND one_by NOT IN ('', 'PHONE') AND other_by NOT IN ('', 'PHONE')"
        )
