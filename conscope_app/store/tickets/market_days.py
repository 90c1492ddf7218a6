"""What sources said an event costs, by days of UTC: kept up to date with each snapshot.

A day has the lowest that was said of each figure, and when it was said last. Both are the same
however often a snapshot is added, and in whatever order.
"""

_FIGURES = ("lowest", "median", "average")
_NAMED_AT = tuple(f"{name}_at" for name in _FIGURES)
_KEY = "event_id, source, currency, basis, start_at"
_KEPT = {name: f"least(held.{name}, excluded.{name})" for name in _FIGURES} | {
    name: f"greatest(held.{name}, excluded.{name})" for name in ("spoke_at", *_NAMED_AT)
}
_COLUMNS = ", ".join(_KEPT)
_FOUND = ", ".join(
    (
        *(f"min({name})" for name in _FIGURES),
        "max(observed_at)",
        *(f"max(observed_at) FILTER (WHERE {name} IS NOT NULL)" for name in _FIGURES),
    )
)
_UPDATED = ", ".join(_KEPT.values())


def days_of(snapshots: str) -> str:
    """A statement that adds those of a table like `market_history`, be they in it already or not.

    In the order of the key: two sinks that know the same events never deadlock.
    """
    return f"""
    INSERT INTO market_days AS held ({_KEY}, {_COLUMNS})
    SELECT event_id, source, coalesce(currency, '') AS of_currency, coalesce(basis, '') AS of_basis,
        date_trunc('day', observed_at, 'UTC') AS start_at, {_FOUND}
    FROM {snapshots}
    GROUP BY event_id, source, of_currency, of_basis, start_at
    ORDER BY event_id, source, of_currency, of_basis, start_at
    ON CONFLICT ({_KEY}) DO UPDATE SET ({_COLUMNS}) = ROW({_UPDATED})
    WHERE ({", ".join(f"held.{name}" for name in _KEPT)}) IS DISTINCT FROM ({_UPDATED})
    """  # noqa: S608 the names are written out above and by the caller
