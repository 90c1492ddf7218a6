# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Lines of the overview for events that are one."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SEARCHED = """
    search tsvector GENERATED ALWAYS AS (
        to_tsvector('simple', event_name || ' ' || venue || ' ' || other_names || ' '
            || other_venues)
    ) STORED
"""
SEARCHED_BEFORE = """
    search tsvector
        GENERATED ALWAYS AS (to_tsvector('simple', event_name || ' ' || venue)) STORED
"""
SEARCH = "CREATE INDEX event_markets_search ON event_markets USING gin (search)"

STATEMENTS = (
    """
    ALTER TABLE event_markets
        ADD COLUMN group_id text,
        ADD COLUMN members text[],
        ADD COLUMN other_names text NOT NULL DEFAULT '',
        ADD COLUMN other_venues text NOT NULL DEFAULT ''
    """,
    # Its index goes with it. What a column is made of Postgres lets be changed from version 17 on.
    "ALTER TABLE event_markets DROP COLUMN search",
    f"ALTER TABLE event_markets ADD COLUMN {SEARCHED}",
    SEARCH,
    "CREATE INDEX event_markets_of_group ON event_markets (group_id) WHERE group_id IS NOT NULL",
    "DROP INDEX event_markets_to_refresh",
    """
    CREATE INDEX event_markets_to_refresh ON event_markets (refreshed_at)
        WHERE NOT of_snapshots AND members IS NULL
    """,
    # As `store.market.group_lines` tells of them from now on.
    """
    INSERT INTO event_news
        (key, event_id, currency, drops, last_drop_at, first_seen_at, last_seen_at)
    SELECT key, event_id, currency, 0, NULL, first_seen_at, last_seen_at
    FROM event_markets JOIN event_match_members USING (event_id)
    ON CONFLICT (key) DO NOTHING
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DELETE FROM event_markets WHERE members IS NOT NULL")
    op.execute("DROP INDEX event_markets_to_refresh")
    op.execute("DROP INDEX event_markets_of_group")
    op.execute("ALTER TABLE event_markets DROP COLUMN search")
    op.execute(f"ALTER TABLE event_markets ADD COLUMN {SEARCHED_BEFORE}")
    op.execute(SEARCH)
    op.execute(
        "ALTER TABLE event_markets DROP COLUMN group_id, DROP COLUMN members,"
        " DROP COLUMN other_names, DROP COLUMN other_venues"
    )
    op.execute(
        "CREATE INDEX event_markets_to_refresh ON event_markets (refreshed_at)"
        " WHERE NOT of_snapshots"
    )
