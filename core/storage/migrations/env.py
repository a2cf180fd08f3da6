"""What Alembic runs to migrate: over the connection that `core.storage.migrations.migrate` was given, in its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
