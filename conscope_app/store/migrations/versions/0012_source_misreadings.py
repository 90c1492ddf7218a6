# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""What of sources' answers could not be read, by field."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE source_misreadings (
            source text NOT NULL,
            field text NOT NULL,
            events bigint NOT NULL,
            event_id text,
            why text NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            CONSTRAINT source_misreadings_pkey PRIMARY KEY (source, field)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE source_misreadings")
