# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Losses: what the sinks' positions jumped over, and which losses were acknowledged."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE sink_positions ADD COLUMN skipped bigint NOT NULL DEFAULT 0")
    op.execute(
        """
        CREATE TABLE acknowledged_losses (
            consumer_group text NOT NULL,
            topic text NOT NULL,
            partition integer NOT NULL,
            lost bigint NOT NULL,
            acknowledged_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT acknowledged_losses_pkey PRIMARY KEY (consumer_group, topic, partition)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE acknowledged_losses")
    op.execute("ALTER TABLE sink_positions DROP COLUMN skipped")
