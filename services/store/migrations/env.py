"""Alembic's environment: runs the migrations on the given connection, in its transaction."""

from alembic import context

from services.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
