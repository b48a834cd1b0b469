"""Runs the scripts on the connection that `models.migrate` hands over."""

from alembic import context

import models

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Record.metadata,
    # SQLite's tables are rebuilt in the transaction that models.migrate began.
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
