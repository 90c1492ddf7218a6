# ruff: noqa: INP001 Alembic loads its files by path; a package would be importable twice
"""Indexes of the history of alerts: what is raised, of an event, held, or given up."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "watch_episodes_raised": "watch_episodes (raised_at DESC) WHERE over_at IS NULL",
    "watch_episodes_raised_of": "watch_episodes (watch_id) WHERE over_at IS NULL",
    "watch_episodes_of_subject": "watch_episodes (subject, raised_at DESC)",
    "watch_entries_given_up": "watch_entries (channel) WHERE given_up",
    "price_drop_alerts_held": (
        "price_drop_alerts (alert_timestamp DESC) WHERE decision <> 'raised'"
    ),
    "deliveries_given_up": "deliveries (channel, id) WHERE status = 'dead'",
}


def upgrade() -> None:
    for name, where in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {where}")


def downgrade() -> None:
    op.execute(f"DROP INDEX {', '.join(INDEXES)}")
