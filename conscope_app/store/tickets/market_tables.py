"""The tables of market snapshots. The migrations make them; `store.schema` names them all.

`raw_partition` and `raw_offset` say where in `market_snapshots` a row's record comes from. `spoken`
names the fields of those below that the source spoke of: a null of another says nothing.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from conscope_app.store.metadata import MOMENT, metadata

market_history = Table(
    "market_history",
    metadata,
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", BigInteger, nullable=False),
    Column("observed_at", MOMENT, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),  # Kafka's timestamp of the processed record
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text),
    Column("currency", Text),
    Column("basis", Text),
    Column("lowest", Numeric),
    Column("median", Numeric),
    Column("average", Numeric),
    Column("highest", Numeric),
    Column("listing_count", Integer),
    Column("availability", Text),
    Column("spoken", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("raw_partition", "raw_offset", "observed_at", name="market_history_pkey"),
    Index("market_history_observed_at", "observed_at", postgresql_using="brin"),
    Index("market_history_event", "event_id", "observed_at"),
    postgresql_partition_by="RANGE (observed_at)",
)

market_now = Table(
    "market_now",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", BigInteger, nullable=False),
    Column("observed_at", MOMENT, nullable=False),
    Column("recorded_at", MOMENT, nullable=False),
    Column("status", Text),
    Column("currency", Text),
    Column("basis", Text),
    Column("lowest", Numeric),
    Column("median", Numeric),
    Column("average", Numeric),
    Column("highest", Numeric),
    Column("listing_count", Integer),
    Column("availability", Text),
    Column("spoken", ARRAY(Text), nullable=False),
    Column("facts", JSONB, nullable=False),  # as `EventFacts` is on the wire
    PrimaryKeyConstraint("event_id", "source", name="market_now_pkey"),
)

# Follows from `market_history`. A currency and a basis that are not said are empty texts.
market_days = Table(
    "market_days",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("start_at", MOMENT, nullable=False),  # a day of UTC
    Column("lowest", Numeric),  # the lowest that was said of each
    Column("median", Numeric),
    Column("average", Numeric),
    Column("spoke_at", MOMENT, nullable=False),  # when the source last said anything of this kind
    Column("lowest_at", MOMENT),  # and when it last named each of them
    Column("median_at", MOMENT),
    Column("average_at", MOMENT),
    PrimaryKeyConstraint(
        *("event_id", "source", "currency", "basis", "start_at"), name="market_days_pkey"
    ),
)

event_changes = Table(
    "event_changes",
    metadata,
    Column("id", Text, nullable=False),  # that of the raw record, and the change's number in it
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("old_value", Text),
    Column("new_value", Text),
    Column("name", Text),  # of a presale
    Column("at", MOMENT, nullable=False),  # the snapshot's `observed_at`
    PrimaryKeyConstraint("id", name="event_changes_pkey"),
    Index("event_changes_event", "event_id", "at"),
    Index("event_changes_at", "at"),
)
