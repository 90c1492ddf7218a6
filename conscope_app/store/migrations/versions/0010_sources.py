# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""What pollers of sources remember: leases, requests by the hour, events, ETags, health."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE sources (
        source text NOT NULL,
        leased_by text,
        leased_until timestamptz,
        key text,
        barred text,
        breaker text NOT NULL DEFAULT 'closed',
        failures integer NOT NULL DEFAULT '0',
        openings integer NOT NULL DEFAULT '0',
        blocked_until timestamptz,
        trouble text,
        closed_until timestamptz,
        answered_at timestamptz,
        health text,
        health_reason text,
        health_since timestamptz,
        CONSTRAINT sources_pkey PRIMARY KEY (source),
        CONSTRAINT sources_breaker CHECK (breaker IN ('closed', 'open', 'half-open'))
    )
    """,
    """
    CREATE TABLE source_events (
        source text NOT NULL,
        event_id text NOT NULL,
        starts_at timestamptz,
        seen_at timestamptz,
        asked_at timestamptz,
        changed_at timestamptz,
        digest bytea,
        misses integer NOT NULL DEFAULT '0',
        standing text NOT NULL DEFAULT 'open',
        CONSTRAINT source_events_pkey PRIMARY KEY (source, event_id),
        CONSTRAINT source_events_standing CHECK (standing IN ('open', 'gone', 'refused'))
    )
    """,
    "CREATE INDEX source_events_starts ON source_events (source, starts_at)",
    """
    CREATE TABLE source_usage (
        source text NOT NULL,
        hour timestamptz NOT NULL,
        requests integer NOT NULL,
        CONSTRAINT source_usage_pkey PRIMARY KEY (source, hour)
    )
    """,
    """
    CREATE TABLE source_spans (
        source text NOT NULL,
        begins_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        walked_at timestamptz NOT NULL,
        pages integer NOT NULL,
        events integer NOT NULL,
        CONSTRAINT source_spans_pkey PRIMARY KEY (source, begins_at, ends_at)
    )
    """,
    """
    CREATE TABLE source_validators (
        source text NOT NULL,
        request text NOT NULL,
        validator bytea NOT NULL,
        noted_at timestamptz NOT NULL,
        CONSTRAINT source_validators_pkey PRIMARY KEY (source, request)
    )
    """,
    """
    CREATE TABLE source_refusals (
        source text NOT NULL,
        request text NOT NULL,
        reason text NOT NULL,
        refused_at timestamptz NOT NULL,
        CONSTRAINT source_refusals_pkey PRIMARY KEY (source, request)
    )
    """,
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute(
        "DROP TABLE source_refusals, source_validators, source_spans, source_usage, source_events, "
        "sources"
    )
