# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Market snapshots: their history, what holds now, and what has changed."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE events ADD COLUMN is_priced boolean NOT NULL DEFAULT true",
    """
    CREATE TABLE market_history (
        raw_partition integer NOT NULL,
        raw_offset bigint NOT NULL,
        observed_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        event_id text NOT NULL,
        source text NOT NULL,
        kind text NOT NULL,
        status text,
        currency text,
        basis text,
        lowest numeric,
        median numeric,
        average numeric,
        highest numeric,
        listing_count integer,
        availability text,
        spoken text[] NOT NULL,
        CONSTRAINT market_history_pkey PRIMARY KEY (raw_partition, raw_offset, observed_at)
    ) PARTITION BY RANGE (observed_at)
    """,
    "CREATE INDEX market_history_observed_at ON market_history USING brin (observed_at)",
    "CREATE INDEX market_history_event ON market_history (event_id, observed_at)",
    """
    CREATE TABLE market_now (
        event_id text NOT NULL,
        source text NOT NULL,
        raw_partition integer NOT NULL,
        raw_offset bigint NOT NULL,
        observed_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        status text,
        currency text,
        basis text,
        lowest numeric,
        median numeric,
        average numeric,
        highest numeric,
        listing_count integer,
        availability text,
        spoken text[] NOT NULL,
        facts jsonb NOT NULL,
        CONSTRAINT market_now_pkey PRIMARY KEY (event_id, source)
    )
    """,
    """
    CREATE TABLE event_changes (
        id text CONSTRAINT event_changes_pkey PRIMARY KEY,
        event_id text NOT NULL,
        source text NOT NULL,
        kind text NOT NULL,
        because text NOT NULL,
        old_value text,
        new_value text,
        name text,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX event_changes_event ON event_changes (event_id, at)",
    "CREATE INDEX event_changes_at ON event_changes (at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE event_changes, market_now, market_history")
    op.execute("ALTER TABLE events DROP COLUMN is_priced")
