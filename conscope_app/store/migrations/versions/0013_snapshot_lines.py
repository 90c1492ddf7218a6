# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Lines of the overview for events that only market snapshots are known of."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE event_markets ADD COLUMN of_snapshots boolean NOT NULL DEFAULT false",
    """
    CREATE INDEX event_markets_to_refresh ON event_markets (refreshed_at) WHERE NOT of_snapshots
    """,
    # As `store.market.snapshot_lines` tells of them from now on.
    """
    INSERT INTO event_news
        (key, event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at)
    SELECT sha256(convert_to(ROW(event_id, coalesce(currency, ''))::text, 'UTF8')), event_id,
        coalesce(currency, ''), 0, NULL, min(observed_at), max(observed_at)
    FROM market_now JOIN events USING (event_id) WHERE NOT is_priced
    GROUP BY event_id, coalesce(currency, '')
    ON CONFLICT (key) DO NOTHING
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM event_markets WHERE of_snapshots")
    op.execute("DELETE FROM event_news WHERE currency = ''")
    op.execute("DROP INDEX event_markets_to_refresh")
    op.execute("ALTER TABLE event_markets DROP COLUMN of_snapshots")
