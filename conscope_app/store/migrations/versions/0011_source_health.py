# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Spells of ill health of a source, so that people are told of each once; what its page shows."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE sources"
        " ADD COLUMN ill_since timestamptz,"
        " ADD COLUMN well_since timestamptz,"
        " ADD COLUMN told_ill boolean NOT NULL DEFAULT 'false',"
        " ADD COLUMN telling text,"
        " ADD COLUMN per_day integer,"
        " ADD COLUMN next_milestone_at timestamptz"
    )


def downgrade() -> None:
    op.execute(
        "ALTER TABLE sources DROP COLUMN ill_since, DROP COLUMN well_since,"
        " DROP COLUMN told_ill, DROP COLUMN telling, DROP COLUMN per_day,"
        " DROP COLUMN next_milestone_at"
    )
