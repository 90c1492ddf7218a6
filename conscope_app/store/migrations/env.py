# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Alembic's environment: migrates over the connection that `store.migrate` hands in."""

from alembic import context

from conscope_app.store.schema import metadata

with_connection = context.config.attributes["connection"]
context.configure(connection=with_connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
