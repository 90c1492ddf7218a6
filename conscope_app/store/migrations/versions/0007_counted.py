# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""How many deliveries were sent, counted as they are; and the index of what is held of an event."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Whoever changes a delivery, the count goes with it, in the same transaction. A statement that
# tells of many changes its channel's line once; one that brings what waits changes nothing.
_ADD = """
    INSERT INTO sent_deliveries AS counted (channel, sent)
    {changes}
    ON CONFLICT (channel) DO UPDATE SET sent = counted.sent + excluded.sent
"""
_CHANGES = """
    SELECT channel, sum(more) FROM (
        SELECT channel, 1 AS more FROM becoming WHERE status = 'sent'
        UNION ALL
        SELECT channel, -1 FROM been WHERE status = 'sent'
    ) AS each GROUP BY channel HAVING sum(more) <> 0 ORDER BY channel
"""


def _function(name: str, body: str) -> str:
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {body};
            RETURN NULL;
        END $$
    """


STATEMENTS = (
    """
    CREATE TABLE sent_deliveries (
        channel text CONSTRAINT sent_deliveries_pkey PRIMARY KEY,
        sent bigint NOT NULL
    ) WITH (fillfactor = 50)
    """,
    _function("count_sent_changes", _ADD.format(changes=_CHANGES)),
    _function("count_sent_added", _ADD.format(changes="VALUES (NEW.channel, 1)")),
    _function("count_sent_removed", _ADD.format(changes="VALUES (OLD.channel, -1)")),
    _function("count_sent_anew", "DELETE FROM sent_deliveries"),
    """
    CREATE TRIGGER deliveries_sent_changes AFTER UPDATE ON deliveries
    REFERENCING OLD TABLE AS been NEW TABLE AS becoming
    FOR EACH STATEMENT EXECUTE FUNCTION count_sent_changes()
    """,
    """
    CREATE TRIGGER deliveries_sent_added AFTER INSERT ON deliveries
    FOR EACH ROW WHEN (NEW.status = 'sent') EXECUTE FUNCTION count_sent_added()
    """,
    """
    CREATE TRIGGER deliveries_sent_removed AFTER DELETE ON deliveries
    FOR EACH ROW WHEN (OLD.status = 'sent') EXECUTE FUNCTION count_sent_removed()
    """,
    """
    CREATE TRIGGER deliveries_sent_anew AFTER TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION count_sent_anew()
    """,
    # The triggers hold the table against all other changes until the end of this transaction.
    """
    INSERT INTO sent_deliveries
    SELECT channel, count(*) FROM deliveries WHERE status = 'sent' GROUP BY channel
    """,
    """
    CREATE INDEX price_drop_alerts_held_of_event
    ON price_drop_alerts (event_id, alert_timestamp DESC) WHERE decision <> 'raised'
    """,
)
FUNCTIONS = ("count_sent_changes", "count_sent_added", "count_sent_removed", "count_sent_anew")


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX price_drop_alerts_held_of_event")
    op.execute(f"DROP FUNCTION {', '.join(FUNCTIONS)} CASCADE")
    op.execute("DROP TABLE sent_deliveries")
