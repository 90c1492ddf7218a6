"""Which seats are on sale, as a condition of SQL: said once for everybody who asks."""

# Its source spoke of the event later without naming the seat for so long: sold, or withdrawn.
GONE_AFTER_MINUTES = 30

# Of `s`, a line of `seats`, and `f`, that of its event and source in `event_sources`. A source may
# also say itself that none is left.
ON_SALE = (
    f"(s.last_seen_at > f.last_seen_at - interval '{GONE_AFTER_MINUTES} minutes'"
    " AND s.quantity IS DISTINCT FROM 0)"
)
