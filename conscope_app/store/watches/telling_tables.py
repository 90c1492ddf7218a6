"""The tables of what was found, what each channel has to say of it, and what it has said."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from conscope_app.store.metadata import MOMENT, NOW, metadata

_FALSE = text("false")

watch_episodes = Table(
    "watch_episodes",
    metadata,
    Column("episode", Text, nullable=False),
    Column("watch_id", Text, nullable=False),
    Column("watch_version", Integer, nullable=False),  # the one that it was raised under
    Column("subject", Text, nullable=False),
    Column("items", ARRAY(Text), nullable=False),
    Column("labels", JSONB, nullable=False),
    Column("currency", Text, nullable=False),
    Column("basis", Text, nullable=False),
    Column("raised_at", MOMENT, nullable=False),
    Column("raised_price", Numeric),
    Column("raised_reason", Text, nullable=False),
    Column("price", Numeric),  # the newest, and then the last one
    Column("reason", Text, nullable=False),  # of the newest decision
    Column("decided_at", MOMENT, nullable=False),  # the newest decision
    Column("over_at", MOMENT),
    Column("acknowledged_at", MOMENT),
    PrimaryKeyConstraint("episode", name="watch_episodes_pkey"),
)
Index("watch_episodes_of_watch", watch_episodes.c.watch_id, watch_episodes.c.raised_at.desc())
Index("watch_episodes_newest", watch_episodes.c.raised_at.desc())
Index("watch_episodes_of_subject", watch_episodes.c.subject, watch_episodes.c.raised_at.desc())
Index(
    "watch_episodes_raised",
    watch_episodes.c.raised_at.desc(),
    postgresql_where=text("over_at IS NULL"),
)
Index(
    "watch_episodes_raised_of",
    watch_episodes.c.watch_id,
    postgresql_where=text("over_at IS NULL"),
)

# Changed only while the channel's line in `delivery_targets` is locked, so that a channel's
# revisions are committed in their order.
watch_entries = Table(
    "watch_entries",
    metadata,
    Column("channel", Text, nullable=False),
    Column("episode", Text, nullable=False),
    Column("entry", LargeBinary),  # msgpack, with its format number; null: finished
    Column("waiting", Boolean, nullable=False),  # there is something to say
    Column("message", Text),  # the message that told it last
    Column("finished_at", MOMENT),  # nothing will ever be said of it again
    Column("attempts", Integer, nullable=False, server_default="0"),  # that failed, in a row
    Column("last_error", Text),
    Column("refused", Boolean, nullable=False, server_default=_FALSE),  # with others: tried alone
    Column("given_up", Boolean, nullable=False, server_default=_FALSE),  # refused alone
    Column("queued_at", MOMENT, nullable=False, server_default=NOW),
    Column("revision", BigInteger, Identity()),  # grows with each change of the row
    PrimaryKeyConstraint("channel", "episode", name="watch_entries_pkey"),
)
Index("watch_entries_episode", watch_entries.c.episode)
Index("watch_entries_revision_of", watch_entries.c.channel, watch_entries.c.revision)
Index(
    "watch_entries_waiting",
    watch_entries.c.channel,
    postgresql_where=text("waiting"),
)
Index(
    "watch_entries_given_up",
    watch_entries.c.channel,
    postgresql_where=text("given_up"),
)
Index("watch_entries_message", watch_entries.c.channel, watch_entries.c.message)

watch_spoken = Table(
    "watch_spoken",
    metadata,
    Column("channel", Text, nullable=False),
    Column("watch_id", Text, nullable=False),
    Column("day", Date, nullable=False),  # of the watch's zone
    Column("messages", Integer, nullable=False),
    PrimaryKeyConstraint("channel", "watch_id", name="watch_spoken_pkey"),
)

watch_messages = Table(
    "watch_messages",
    metadata,
    Column("channel", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("reference", Text),  # the channel's own id of it; null where it gave none
    Column("sent_at", MOMENT, nullable=False),  # when it was new
    Column("said_at", MOMENT, nullable=False),  # its newest words
    Column("edits", Integer, nullable=False, server_default="0"),
    Column("gone_at", MOMENT),  # somebody deleted it: what it says is told anew
    Column("last_error", Text),  # of an edit that was given up
    PrimaryKeyConstraint("channel", "message", name="watch_messages_pkey"),
)
Index("watch_messages_newest", watch_messages.c.channel, watch_messages.c.sent_at.desc())
