"""New rows of the history, as far as a fold takes them, and how far that is."""

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

from conscope_app.store.engine import Connection
from conscope_app.store.market.keys import key_of
from conscope_app.store.tickets.identity import listing_of

# One fold at a time in the whole cluster. The partitions have events in common, so that two at once
# would wait for each other's lines anyway, and would have to touch them all in one order.
_TAKE_TURN = "SELECT pg_try_advisory_xact_lock(hashtext('market_positions'))"
_WAIT_TURN = "SELECT pg_advisory_xact_lock(hashtext('market_positions'))"

# What a crash of the server loses of the roll-ups it loses with their position: nobody has to wait
# for the disk. Compiling a statement takes longer than running it.
_SETTINGS = "SET LOCAL synchronous_commit = off; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"

_PARTS = ("h.event_id", "h.source", "h.section", 'h."row"', "h.seat")
_KEY = f"""
    CASE WHEN listing IS NULL THEN {key_of(*_PARTS)} ELSE {key_of(*_PARTS, "listing")} END
"""

# Emptied by each end of a transaction.
_TABLES = {
    "fresh_prices": f"""
        CREATE TEMPORARY TABLE fresh_prices ON COMMIT DELETE ROWS AS
        SELECT {key_of("event_id", "source", "section", '"row"', "seat")} AS key,
            raw_partition, raw_offset, observed_at, event_id, source, section, "row", seat,
            currency, price, total_price, quantity, listing_url, kind, old_price
        FROM price_history WITH NO DATA
    """,  # noqa: S608 the names are written out here
    "fresh_series": """
        CREATE TEMPORARY TABLE fresh_series (
            key bytea, event_id text, currency text, scope text, name text, id bigint
        ) ON COMMIT DELETE ROWS
    """,
    "fresh_lines": """
        CREATE TEMPORARY TABLE fresh_lines (
            event_id text, currency text, drops bigint, last_drop_at timestamptz,
            first_seen_at timestamptz, last_seen_at timestamptz
        ) ON COMMIT DELETE ROWS
    """,
}

# By the index, from each position on: before a partition of the history was analysed for the first
# time, Postgres may read and sort all that is behind the position, for each fold.
_BY_INDEX = "SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off"
_ANY = "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on"

_BEGIN = """
INSERT INTO market_positions (raw_partition, next_offset)
SELECT partition, 0 FROM generate_series(0, %s - 1) AS partition
WHERE NOT EXISTS (SELECT FROM market_positions WHERE raw_partition = partition)
"""
READ = f"""
INSERT INTO fresh_prices
SELECT {_KEY},
    h.raw_partition, h.raw_offset, h.observed_at, h.event_id, h.source, h.section, h."row",
    h.seat, h.currency, h.price, h.total_price, h.quantity, h.listing_url, h.kind, h.old_price
FROM market_positions AS m CROSS JOIN LATERAL (
    SELECT * FROM price_history AS p
    WHERE p.raw_partition = m.raw_partition AND p.raw_offset >= m.next_offset
    ORDER BY p.raw_offset LIMIT %(most)s
) AS h CROSS JOIN LATERAL (SELECT {listing_of("h.")}) AS of_seat (listing)
"""  # noqa: S608 the names are written out above
_MOVE = """
UPDATE market_positions AS m SET next_offset = f.next_offset, updated_at = now()
FROM (
    SELECT raw_partition, max(raw_offset) + 1 AS next_offset FROM fresh_prices GROUP BY 1
) AS f
WHERE m.raw_partition = f.raw_partition
"""


def prepare(connection: Connection) -> None:
    """Make the temporary tables, once a connection, in a transaction of its own."""
    if not connection.staging.issuperset(_TABLES):
        with connection.cursor() as cursor:
            for statement in _TABLES.values():
                cursor.execute(statement)
        connection.commit()
        connection.staging.update(_TABLES)


def take_turn(cursor: Cursor) -> bool:
    """Whether nobody else writes roll-ups until the end of this transaction."""
    cursor.execute(_SETTINGS)
    cursor.execute(_TAKE_TURN)
    ((is_ours,),) = cursor.fetchall()
    return bool(is_ours)


def wait_turn(cursor: Cursor) -> None:
    """Return when nobody else writes roll-ups until the end of this transaction."""
    cursor.execute(_WAIT_TURN)


def read_fresh(cursor: Cursor, partitions: int, most: int) -> int:
    """Put the rows from the positions on, at most so many a partition, into `fresh_prices`.

    Returns how many. Nothing that is committed later lies before them: all rows of a raw partition
    come from one partition of `processed_prices`, into which one producer at a time appends them in
    the order of their raw offsets, and `PostgresLedger` commits them slab after slab, under an
    epoch that ends what an earlier owner has under way. Only `rebuild` writes behind that.
    """
    cursor.execute(_BEGIN, (partitions,))
    cursor.execute(_BY_INDEX)
    cursor.execute(READ, {"most": most})
    rows = int(cursor.rowcount)
    cursor.execute(_ANY)
    return rows


def move_positions(cursor: Cursor) -> None:
    """Go behind the rows that were read."""
    cursor.execute(_MOVE)
