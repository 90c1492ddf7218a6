"""The tables of sources: one line each, and what their pollers have to remember."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from conscope_app.store.metadata import MOMENT, metadata

sources = Table(
    "sources",
    metadata,
    Column("source", Text, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", MOMENT),
    Column("key", Text),  # a fingerprint of the key that was used last
    Column("barred", Text),  # why that key is not accepted
    Column("breaker", Text, nullable=False, server_default="closed"),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("openings", Integer, nullable=False, server_default="0"),  # of the breaker, in a row
    Column("blocked_until", MOMENT),  # by the breaker
    Column("trouble", Text),  # why the last request failed
    Column("closed_until", MOMENT),  # as the vendor has asked
    Column("answered_at", MOMENT),  # the last answer that could be read
    Column("health", Text),
    Column("health_reason", Text),
    Column("health_since", MOMENT),
    Column("ill_since", MOMENT),  # the spell of ill health that lasts
    Column("well_since", MOMENT),  # where that may be over
    Column("told_ill", Boolean, nullable=False, server_default="false"),  # watches know of it
    Column("telling", Text),  # what they are being told
    Column("per_day", Integer),  # requests that are allowed
    Column("next_milestone_at", MOMENT),
    PrimaryKeyConstraint("source", name="sources_pkey"),
    CheckConstraint("breaker IN ('closed', 'open', 'half-open')", name="sources_breaker"),
)

source_events = Table(
    "source_events",
    metadata,
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("starts_at", MOMENT),
    Column("seen_at", MOMENT),
    Column("asked_at", MOMENT),
    Column("changed_at", MOMENT),
    Column("digest", LargeBinary),  # of what was said of it
    Column("misses", Integer, nullable=False, server_default="0"),  # in a row
    Column("standing", Text, nullable=False, server_default="open"),
    PrimaryKeyConstraint("source", "event_id", name="source_events_pkey"),
    CheckConstraint("standing IN ('open', 'gone', 'refused')", name="source_events_standing"),
)
Index("source_events_starts", source_events.c.source, source_events.c.starts_at)

# Counted before each request, so that no kill can have one forgotten.
source_usage = Table(
    "source_usage",
    metadata,
    Column("source", Text, nullable=False),
    Column("hour", MOMENT, nullable=False),  # when it begins
    Column("requests", Integer, nullable=False),
    PrimaryKeyConstraint("source", "hour", name="source_usage_pkey"),
)

source_spans = Table(
    "source_spans",
    metadata,
    Column("source", Text, nullable=False),
    Column("begins_at", MOMENT, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("walked_at", MOMENT, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    PrimaryKeyConstraint("source", "begins_at", "ends_at", name="source_spans_pkey"),
)

source_validators = Table(
    "source_validators",
    metadata,
    Column("source", Text, nullable=False),
    Column("request", Text, nullable=False),  # its short name
    Column("validator", LargeBinary, nullable=False),  # msgpack: the ETag, and what it stands for
    Column("noted_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("source", "request", name="source_validators_pkey"),
)

source_refusals = Table(
    "source_refusals",
    metadata,
    Column("source", Text, nullable=False),
    Column("request", Text, nullable=False),  # never to be sent again as it is
    Column("reason", Text, nullable=False),
    Column("refused_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("source", "request", name="source_refusals_pkey"),
)

# What of answers could not be read, by field.
source_misreadings = Table(
    "source_misreadings",
    metadata,
    Column("source", Text, nullable=False),
    Column("field", Text, nullable=False),  # empty: whole events
    Column("events", BigInteger, nullable=False),  # how many, since `first_at`
    Column("event_id", Text),  # of the last one
    Column("why", Text, nullable=False),
    Column("first_at", MOMENT, nullable=False),
    Column("last_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("source", "field", name="source_misreadings_pkey"),
)
