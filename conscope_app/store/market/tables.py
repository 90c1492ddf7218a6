"""The tables of the roll-ups, as the migrations make them.

All of them follow from `price_history`, but for lines of events that only snapshots are known of,
which follow from `market_now`; they can be made anew from these, and nothing else is in them.
Prices are `price`, without fees, as everywhere that prices are compared.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from conscope_app.store.metadata import MOMENT, NOW, metadata

# How far the history of a raw partition is rolled up; in one transaction with what it became.
market_positions = Table(
    "market_positions",
    metadata,
    Column("raw_partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False),  # all rows below it are in the roll-ups
    Column("updated_at", MOMENT, nullable=False, server_default=NOW),
    PrimaryKeyConstraint("raw_partition", name="market_positions_pkey"),
)

# Each seat as its source saw it last.
seats = Table(
    "seats",
    metadata,
    # Names may have 512 characters each, and a key of several would not fit into an index.
    Column("key", LargeBinary, nullable=False),  # SHA-256 of the five that follow, as a row's text
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("seat", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("total_price", Numeric),
    Column("quantity", Integer),
    Column("listing_url", Text),
    Column("previous_price", Numeric),  # before it moved last; null: it never has
    Column("moved_at", MOMENT),
    # Since it has been sold in this currency: a price in another is not comparable.
    Column("first_price", Numeric, nullable=False),
    Column("first_seen_at", MOMENT, nullable=False),
    Column("lowest", Numeric, nullable=False),
    Column("highest", Numeric, nullable=False),
    Column("drops", Integer, nullable=False),
    Column("observations", BigInteger, nullable=False),
    Column("last_seen_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("key", name="seats_pkey"),
    postgresql_with={"fillfactor": 60},  # a seat changes in its place, and no index does
)
Index("seats_of_event", seats.c.event_id)

# When a source last spoke of an event: a seat that it did not name for long before is gone.
event_sources = Table(
    "event_sources",
    metadata,
    Column("key", LargeBinary, nullable=False),  # SHA-256 of event_id and source, as a row's text
    Column("event_id", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("observations", BigInteger, nullable=False),
    Column("first_seen_at", MOMENT, nullable=False),
    Column("last_seen_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("key", name="event_sources_pkey"),
    postgresql_with={"fillfactor": 50},
)
Index("event_sources_of_event", event_sources.c.event_id)
Index("event_sources_of_source", event_sources.c.source)

# A line of the overview: an event in one currency. Prices are those of the seats on sale, and null
# where there are none. Lists are in the order of a column and `id`.
event_markets = Table(
    "event_markets",
    metadata,
    Column("key", LargeBinary, nullable=False),  # SHA-256 of event_id and currency, as a row's text
    Column("event_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("id", BigInteger, Identity()),
    Column("event_name", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("event_date", Text),
    Column("sources", ARRAY(Text), nullable=False),
    Column("seats_seen", BigInteger, nullable=False),
    Column("seats_on_sale", BigInteger, nullable=False),
    Column("lowest", Numeric),
    Column("median", Numeric),
    Column("highest", Numeric),
    Column("lowest_day_ago", Numeric),  # null: nothing is known of then
    Column("change_ratio", Numeric),  # of `lowest` since then: -0.1 is ten percent cheaper
    Column("drops", BigInteger, nullable=False),
    Column("last_drop_at", MOMENT),
    Column("first_seen_at", MOMENT, nullable=False),
    Column("last_seen_at", MOMENT, nullable=False),
    Column("refreshed_at", MOMENT, nullable=False),
    # No price has made it: the sums of its sources do (`snapshot_lines`), and it has no seats.
    Column("of_snapshots", Boolean, nullable=False, server_default=text("false")),
    # Of an event's line: the group whose line the list has in its place. A group's line
    # (`group_lines`) has the group and the ids of all its events, and is listed itself.
    Column("group_id", Text),
    Column("members", ARRAY(Text)),
    Column("other_names", Text, nullable=False, server_default=text("''")),
    Column("other_venues", Text, nullable=False, server_default=text("''")),
    Column("name_order", Text, Computed('lower("left"(event_name, 64))', persisted=True)),
    Column("venue_order", Text, Computed('lower("left"(venue, 64))', persisted=True)),
    Column("date_order", Text, Computed('"left"(event_date, 32)', persisted=True)),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "to_tsvector('simple', event_name || ' ' || venue || ' ' || other_names || ' '"
            " || other_venues)",
            persisted=True,
        ),
    ),
    PrimaryKeyConstraint("key", name="event_markets_pkey"),
)
Index("event_markets_of_event", event_markets.c.event_id)
for _order in (
    "name_order",
    "venue_order",
    "date_order",
    "lowest",
    "change_ratio",
    "seats_on_sale",
    "last_drop_at",
    "last_seen_at",
):
    Index(f"event_markets_{_order}", event_markets.c[_order], event_markets.c.id)
Index("event_markets_refreshed_at", event_markets.c.refreshed_at)
Index(
    "event_markets_to_refresh",
    event_markets.c.refreshed_at,
    postgresql_where=text("NOT of_snapshots AND members IS NULL"),
)
Index(
    "event_markets_of_group",
    event_markets.c.group_id,
    postgresql_where=text("group_id IS NOT NULL"),
)
Index("event_markets_search", event_markets.c.search, postgresql_using="gin")
Index("event_markets_sources", event_markets.c.sources, postgresql_using="gin")

# What was folded of a line since it was last brought up to date: its indexes are dear, and a price
# may come into it with each fold.
event_news = Table(
    "event_news",
    metadata,
    Column("key", LargeBinary, nullable=False),  # the line's
    Column("event_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("drops", BigInteger, nullable=False),
    Column("last_drop_at", MOMENT),
    Column("first_seen_at", MOMENT, nullable=False),
    Column("last_seen_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("key", name="event_news_pkey"),
    postgresql_with={"fillfactor": 50},
)

# A line of a chart: an event, one of its sources or one of its sections, in one currency.
price_series = Table(
    "price_series",
    metadata,
    Column("id", BigInteger, Identity()),
    Column("key", LargeBinary, nullable=False),  # SHA-256 of the four that follow, as a row's text
    Column("event_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("name", Text, nullable=False),  # the source's or the section's; '' of the event
    PrimaryKeyConstraint("id", name="price_series_pkey"),
    UniqueConstraint("key", name="price_series_key"),
    CheckConstraint("scope IN ('event', 'source', 'section')", name="price_series_scope"),
)
Index("price_series_of_event", price_series.c.event_id)

# What was seen of it in a span of time that begins at `start_at` (whole spans of UTC).
price_spans = Table(
    "price_spans",
    metadata,
    Column("series", BigInteger, nullable=False),
    Column("minutes", SmallInteger, nullable=False),  # how long: 15 (of 'event'), 60 or 1440
    Column("start_at", MOMENT, nullable=False),
    Column("observations", Integer, nullable=False),
    Column("drops", Integer, nullable=False),
    Column("lowest", Numeric, nullable=False),
    Column("highest", Numeric, nullable=False),
    Column("total", Numeric, nullable=False),  # sum of the prices: `total / observations` is mean
    # Counted after the rest, from the history itself; null until then.
    Column("lower_quartile", Numeric),
    Column("median", Numeric),
    Column("upper_quartile", Numeric),
    Column("is_uncounted", Boolean, nullable=False, server_default=text("true")),
    PrimaryKeyConstraint("series", "minutes", "start_at", name="price_spans_pkey"),
    CheckConstraint("minutes IN (15, 60, 1440)", name="price_spans_minutes"),
)
Index(
    "price_spans_uncounted",
    price_spans.c.minutes,
    price_spans.c.start_at,
    price_spans.c.series,
    postgresql_where=text("is_uncounted"),
)
