"""The tables of matches, as the migrations make them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from conscope_app.store.metadata import MOMENT, metadata

# What a pair is at present, the lesser id first. Of pairs that rules keep apart there are none.
event_match_pairs = Table(
    "event_match_pairs",
    metadata,
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("by_whom", Text),  # the person; null: the rules
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("names", Double, nullable=False),  # how alike they are, 0 to 100
    Column("decided_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("one", "other", name="event_match_pairs_pkey"),
    CheckConstraint("state IN ('merged', 'review', 'apart')", name="event_match_pairs_state"),
)
Index("event_match_pairs_other", event_match_pairs.c.other)
Index(
    "event_match_pairs_of_state",
    event_match_pairs.c.state,
    event_match_pairs.c.decided_at,
    event_match_pairs.c.one,
    event_match_pairs.c.other,
)

# The group of each event that has one. It is called as one of its members.
event_match_members = Table(
    "event_match_members",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("joined_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("event_id", name="event_match_members_pkey"),
)
Index("event_match_members_of_group", event_match_members.c.group_id)

# All that was ever decided; nothing is removed from it.
event_match_trace = Table(
    "event_match_trace",
    metadata,
    Column("id", BigInteger, Identity()),
    Column("one", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("by_whom", Text),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("names", Double, nullable=False),
    Column("at", MOMENT, nullable=False),
    PrimaryKeyConstraint("id", name="event_match_trace_pkey"),
    CheckConstraint("act IN ('merged', 'review', 'apart', 'parted')", name="event_match_trace_act"),
)
Index("event_match_trace_of_pair", event_match_trace.c.one, event_match_trace.c.other)

# What an event was when it was last compared with all others.
event_match_seen = Table(
    "event_match_seen",
    metadata,
    Column("event_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    PrimaryKeyConstraint("event_id", name="event_match_seen_pkey"),
)
