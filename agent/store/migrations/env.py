"""Run by Alembic, inside the transaction that ``agent.store.schema`` has begun."""

from alembic import context

from agent.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
