"""Runs the migrations on the connection that `open_directory` hands in."""

from alembic import context

from heropixel.directory.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
