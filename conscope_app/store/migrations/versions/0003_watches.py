# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Watches and silences; the history by the time at which it was recorded."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE watches (
        id text CONSTRAINT watches_pkey PRIMARY KEY,
        version integer NOT NULL,
        definition jsonb NOT NULL,
        subjects text[] NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now(),
        deleted_at timestamptz,
        published_version integer,
        published_subjects text[],
        leased_by text,
        leased_until timestamptz
    )
    """,
    """
    CREATE INDEX watches_unpublished ON watches (changed_at)
    WHERE published_version IS DISTINCT FROM version
    """,
    "CREATE INDEX watches_published ON watches USING gin (published_subjects)",
    """
    CREATE INDEX watches_published_all ON watches (id)
    WHERE published_subjects = '{}'::text[]
    """,
    """
    CREATE TABLE watch_silences (
        id text CONSTRAINT watch_silences_pkey PRIMARY KEY,
        definition jsonb NOT NULL,
        ends_at timestamptz NOT NULL,
        made_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX watch_silences_ends_at ON watch_silences (ends_at)",
    # Dry runs go through the history in the order in which it was recorded.
    "CREATE INDEX price_history_recorded_at ON price_history USING brin (recorded_at)",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX price_history_recorded_at")
    op.execute("DROP TABLE watch_silences, watches")
