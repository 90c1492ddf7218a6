# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""What sources said an event costs, by days: months of it are read at once."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE market_days (
        event_id text NOT NULL,
        source text NOT NULL,
        currency text NOT NULL,
        basis text NOT NULL,
        start_at timestamptz NOT NULL,
        lowest numeric,
        median numeric,
        average numeric,
        spoke_at timestamptz NOT NULL,
        lowest_at timestamptz,
        median_at timestamptz,
        average_at timestamptz,
        CONSTRAINT market_days_pkey PRIMARY KEY (event_id, source, currency, basis, start_at)
    )
    """,
    # As `store.tickets.market_days` keeps them from now on.
    """
    INSERT INTO market_days
    SELECT event_id, source, coalesce(currency, ''), coalesce(basis, ''),
        date_trunc('day', observed_at, 'UTC') AS start_at,
        min(lowest), min(median), min(average), max(observed_at),
        max(observed_at) FILTER (WHERE lowest IS NOT NULL),
        max(observed_at) FILTER (WHERE median IS NOT NULL),
        max(observed_at) FILTER (WHERE average IS NOT NULL)
    FROM market_history
    GROUP BY event_id, source, coalesce(currency, ''), coalesce(basis, ''), start_at
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE market_days")
