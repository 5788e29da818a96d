"""Run by Alembic. The connection comes from `pulse.storage.migrate`; each revision is a transaction of its own."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transaction_per_migration=True, version_table_schema="public")
with context.begin_transaction():
    context.run_migrations()
