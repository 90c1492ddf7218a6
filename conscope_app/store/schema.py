"""The tables in Postgres. The migrations make them; a test holds that both say the same.

Times are `timestamptz`, money is `NUMERIC` without a limit. `raw_partition` and `raw_offset` say
where in `raw_prices` a row's record comes from: they are its identity on every replay.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from conscope_app.store.market.tables import (
    event_markets,
    event_news,
    event_sources,
    market_positions,
    price_series,
    price_spans,
    seats,
)
from conscope_app.store.matches.tables import (
    event_match_members,
    event_match_pairs,
    event_match_seen,
    event_match_trace,
)
from conscope_app.store.metadata import MOMENT as _MOMENT
from conscope_app.store.metadata import NOW as _NOW
from conscope_app.store.metadata import metadata
from conscope_app.store.sources.tables import (
    source_events,
    source_misreadings,
    source_refusals,
    source_spans,
    source_usage,
    source_validators,
    sources,
)
from conscope_app.store.tickets.market_tables import (
    event_changes,
    market_days,
    market_history,
    market_now,
)
from conscope_app.store.watches.tables import watch_silences, watches
from conscope_app.store.watches.telling_tables import (
    watch_entries,
    watch_episodes,
    watch_messages,
    watch_spoken,
)

__all__ = [
    "acknowledged_losses",
    "deliveries",
    "delivery_targets",
    "event_changes",
    "event_markets",
    "event_match_members",
    "event_match_pairs",
    "event_match_seen",
    "event_match_trace",
    "event_news",
    "event_sources",
    "events",
    "market_days",
    "market_history",
    "market_now",
    "market_positions",
    "metadata",
    "price_drop_alerts",
    "price_history",
    "price_series",
    "price_spans",
    "seats",
    "sent_deliveries",
    "sink_positions",
    "source_events",
    "source_misreadings",
    "source_refusals",
    "source_spans",
    "source_usage",
    "source_validators",
    "sources",
    "system_metrics",
    "watch_entries",
    "watch_episodes",
    "watch_messages",
    "watch_silences",
    "watch_spoken",
    "watches",
]

events = Table(
    "events",
    metadata,
    Column("event_id", Text),
    Column("event_name", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("event_date", Text),  # text, as vendors also send dates without a time
    Column("first_seen_at", _MOMENT, nullable=False),  # the oldest observation
    Column("last_updated", _MOMENT, nullable=False),  # that of the newest, which describes it
    # False: no price event has come yet, and it is described by the newest market snapshot.
    Column("is_priced", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("event_id", name="events_pkey"),
)

price_history = Table(
    "price_history",
    metadata,
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", BigInteger, nullable=False),
    Column("observed_at", _MOMENT, nullable=False),  # the price event's `timestamp`
    Column("recorded_at", _MOMENT, nullable=False),  # Kafka's timestamp of the processed record
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("fees", Numeric),
    Column("total_price", Numeric),
    Column("currency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("old_price", Numeric),
    Column("change", Numeric),
    Column("change_percent", Numeric),
    Column("listing_id", Text),
    Column("listing_url", Text),
    Column("quantity", Integer),
    Column("delivery_method", Text),
    Column("seller_notes", Text),
    # A unique key of a partitioned table must hold the column that it is partitioned by.
    PrimaryKeyConstraint("raw_partition", "raw_offset", "observed_at", name="price_history_pkey"),
    # Observations arrive nearly in order, so that BRIN finds a time span at a hundredth of the size
    # of a btree.
    Index("price_history_observed_at", "observed_at", postgresql_using="brin"),
    Index("price_history_recorded_at", "recorded_at", postgresql_using="brin"),
    Index("price_history_event", "event_id", "observed_at"),
    postgresql_partition_by="RANGE (observed_at)",
)

price_drop_alerts = Table(
    "price_drop_alerts",
    metadata,
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", BigInteger, nullable=False),
    Column("id", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("event_name", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("event_date", Text),
    Column("source", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("old_price", Numeric, nullable=False),
    Column("new_price", Numeric, nullable=False),
    Column("drop_amount", Numeric, nullable=False),
    Column("drop_percent", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("listing_url", Text),
    Column("observed_at", _MOMENT, nullable=False),
    Column("alert_timestamp", _MOMENT, nullable=False),
    Column("decision", Text, nullable=False),  # 'raised', or the reason why nobody is told
    Column("stored_at", _MOMENT, nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("raw_partition", "raw_offset", name="price_drop_alerts_pkey"),
)
Index("price_drop_alerts_newest", price_drop_alerts.c.alert_timestamp.desc())
Index("price_drop_alerts_event", price_drop_alerts.c.event_id, price_drop_alerts.c.alert_timestamp)
Index(
    "price_drop_alerts_held",
    price_drop_alerts.c.alert_timestamp.desc(),
    postgresql_where=text("decision <> 'raised'"),
)
Index(
    "price_drop_alerts_held_of_event",
    price_drop_alerts.c.event_id,
    price_drop_alerts.c.alert_timestamp.desc(),
    postgresql_where=text("decision <> 'raised'"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, Identity()),
    Column("raw_partition", Integer, nullable=False),
    Column("raw_offset", BigInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("message_id", Text),
    Column("sent_at", _MOMENT),
    Column("last_error", Text),
    Column("digest", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", _MOMENT, nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("id", name="deliveries_pkey"),
    # One alert is told to a channel once.
    UniqueConstraint("raw_partition", "raw_offset", "channel", name="deliveries_alert_channel"),
    CheckConstraint("status IN ('waiting', 'sent', 'dead')", name="deliveries_status"),
)
Index(
    "deliveries_waiting",
    deliveries.c.channel,
    deliveries.c.id,
    postgresql_where=text("status = 'waiting'"),
)
Index(
    "deliveries_given_up",
    deliveries.c.channel,
    deliveries.c.id,
    postgresql_where=text("status = 'dead'"),
)

# How many deliveries of a channel are `sent`: kept by triggers of `deliveries`, as counting them
# takes the longer the more there are.
sent_deliveries = Table(
    "sent_deliveries",
    metadata,
    Column("channel", Text),
    Column("sent", BigInteger, nullable=False),
    PrimaryKeyConstraint("channel", name="sent_deliveries_pkey"),
    postgresql_with={"fillfactor": 50},
)

delivery_targets = Table(
    "delivery_targets",
    metadata,
    Column("channel", Text),
    Column("leased_by", Text),
    Column("leased_until", _MOMENT),
    Column("blocked_until", _MOMENT),
    Column("disabled_at", _MOMENT),
    Column("disabled_reason", Text),
    Column("invalid_answers", Integer, nullable=False, server_default="0"),
    Column("window_started_at", _MOMENT),
    Column("sent_in_window", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("channel", name="delivery_targets_pkey"),
)

sink_positions = Table(
    "sink_positions",
    metadata,
    Column("consumer_group", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger),  # null: taken over, but nothing has been written yet
    Column("epoch", BigInteger, nullable=False),  # counts the takings-over; only the last may write
    Column("updated_at", _MOMENT, nullable=False, server_default=_NOW),
    Column("skipped", BigInteger, nullable=False, server_default="0"),  # removed before it was read
    PrimaryKeyConstraint("consumer_group", "topic", "partition", name="sink_positions_pkey"),
)

acknowledged_losses = Table(
    "acknowledged_losses",
    metadata,
    Column("consumer_group", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("lost", BigInteger, nullable=False),  # offsets of which somebody has taken note
    Column("acknowledged_at", _MOMENT, nullable=False, server_default=_NOW),
    PrimaryKeyConstraint("consumer_group", "topic", "partition", name="acknowledged_losses_pkey"),
)

system_metrics = Table(
    "system_metrics",
    metadata,
    Column("id", BigInteger, Identity()),
    Column("at", _MOMENT, nullable=False),
    Column("worker", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("labels", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    PrimaryKeyConstraint("id", name="system_metrics_pkey"),
    Index("system_metrics_name_at", "name", "at"),
)
