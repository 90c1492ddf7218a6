"""The tables of watches, as the migrations make them."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from conscope_app.store.metadata import MOMENT, NOW, metadata

# A watch that was deleted stays, with its last definition: what it had raised is still to be told
# as over, and a watch that is made anew under its id goes on counting versions.
watches = Table(
    "watches",
    metadata,
    Column("id", Text, nullable=False),
    Column("version", Integer, nullable=False),  # grows with each change, and with the deletion
    Column("definition", JSONB, nullable=False),  # without the version
    Column("subjects", ARRAY(Text), nullable=False),  # the definition's; none: all
    Column("made_at", MOMENT, nullable=False, server_default=NOW),
    Column("changed_at", MOMENT, nullable=False, server_default=NOW),
    Column("deleted_at", MOMENT),
    Column("published_version", Integer),  # null: nothing is, or it is to be published again
    Column("published_subjects", ARRAY(Text)),  # null: workers do not know of it
    Column("leased_by", Text),  # who is publishing it
    Column("leased_until", MOMENT),
    PrimaryKeyConstraint("id", name="watches_pkey"),
)
Index(
    "watches_unpublished",
    watches.c.changed_at,
    postgresql_where=text("published_version IS DISTINCT FROM version"),
)
Index("watches_published", watches.c.published_subjects, postgresql_using="gin")
Index(
    "watches_published_all",
    watches.c.id,
    postgresql_where=text("published_subjects = '{}'::text[]"),
)

watch_silences = Table(
    "watch_silences",
    metadata,
    Column("id", Text, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("ends_at", MOMENT, nullable=False),  # the definition's
    Column("made_at", MOMENT, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("id", name="watch_silences_pkey"),
)
Index("watch_silences_ends_at", watch_silences.c.ends_at)
