"""Lines of the list of events and their hours, as the roll-ups would have written them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.store.ledgers import Tables

AT = datetime(2026, 3, 1, 14, 3, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)

TABLES = ("event_markets", "price_series", "price_spans", "market_now")

_KEY = "sha256(convert_to(ROW({})::text, 'UTF8'))"
_LINE_KEY = _KEY.format("%s::text, %s::text")
_SERIES_KEY = _KEY.format("%s::text, %s::text, 'event'::text, ''::text")


def a_line(event_id: str = "evt-1", **given: Any) -> dict[str, Any]:
    """A concert with eight of ten seats on sale, ten percent cheaper than a day ago."""
    values = {
        "event_id": event_id,
        "currency": "USD",
        "event_name": "Radiohead",
        "venue": "Madison Square Garden",
        "event_date": "2026-12-24",
        "sources": ["simulated-mock"],
        "seats_seen": 10,
        "seats_on_sale": 8,
        "lowest": "90.00",
        "median": "120.00",
        "highest": "400.00",
        "lowest_day_ago": "100.00",
        "change_ratio": "-0.1",
        "drops": 3,
        "last_drop_at": AT - timedelta(minutes=2),
        "first_seen_at": AT - 48 * HOUR,
        "last_seen_at": AT - timedelta(seconds=12),
        "refreshed_at": AT - timedelta(seconds=1),
        "of_snapshots": False,
        "group_id": None,
        "members": None,
        "other_names": "",
        "other_venues": "",
    }
    assert not given.keys() - values.keys()
    return values | given


class Listed:
    """Writes lines through `run`, which executes a statement with its values."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self._run = run

    def sums(
        self, event_id: str, *, status: str, basis: str | None, currency: str = "USD", **given: Any
    ) -> None:
        """A line of what one source says of an event without seats, an hour ago."""
        seen = {"seats_seen": 0, "seats_on_sale": 0, "drops": 0, "last_seen_at": AT - HOUR}
        unknown = dict.fromkeys(("lowest_day_ago", "change_ratio", "last_drop_at", "median"))
        own = {"sources": ["ticketmaster"], "currency": currency, "of_snapshots": True}
        self.line(event_id, **{**seen, **unknown, **own, **given})
        self._run(
            "INSERT INTO market_now (event_id, source, raw_partition, raw_offset, observed_at,"
            " recorded_at, status, basis, spoken, facts)"
            " VALUES (%s, 'ticketmaster', 0, 0, %s, %s, %s, %s, '{}', '{}')",
            event_id,
            AT - HOUR,
            AT - HOUR,
            status,
            basis,
        )

    def line(self, event_id: str = "evt-1", *, key: str | None = None, **given: Any) -> None:
        """A line; see `a_line`. `key`: it is a group's, and not the event's own."""
        row = a_line(event_id, **given)
        columns = ", ".join(row)
        values = ", ".join(["%s"] * len(row))
        self._run(
            f"INSERT INTO event_markets (key, {columns}) VALUES ({_LINE_KEY}, {values})",
            key or row["event_id"],
            row["currency"],
            *row.values(),
        )

    def many(self, lines: int) -> None:
        """So many lines at once: names, prices and dates of all kinds, some without each."""
        self._run(
            f"""
            INSERT INTO event_markets (
                key, event_id, currency, event_name, venue, event_date, sources, seats_seen,
                seats_on_sale, lowest, change_ratio, drops, last_drop_at, first_seen_at,
                last_seen_at, refreshed_at
            )
            SELECT {_KEY.format("'evt-' || n, 'USD'::text")}, 'evt-' || n, 'USD',
                   'Band ' || n * 7 %% 499, 'Hall ' || n %% 97,
                   CASE WHEN n %% 11 > 0 THEN (date '2026-05-01' + n %% 300)::text END,
                   ARRAY['source-' || n %% 7], 10, n %% 50,
                   CASE WHEN n %% 5 > 0 THEN n * 13 %% 1009 END,
                   CASE WHEN n %% 3 > 0 THEN (n %% 41 - 20) / 100.0 END,
                   0, CASE WHEN n %% 4 > 0 THEN %s - n * interval '1 minute' END,
                   %s - interval '2 days', %s - n * interval '1 second', %s
            FROM generate_series(1, %s) AS n
            """,
            AT,
            AT,
            AT,
            AT,
            lines,
        )
        self._run("ANALYZE event_markets")

    def hours(self, event_id: str, prices: Sequence[str | None], currency: str = "USD") -> None:
        """The lowest price of each hour up to this one; null where nothing was seen."""
        self._run(
            "INSERT INTO price_series (key, event_id, currency, scope, name)"
            f" VALUES ({_SERIES_KEY}, %s, %s, 'event', '')",
            *(event_id, currency) * 2,
        )
        begin = AT.replace(minute=0, second=0) - (len(prices) - 1) * HOUR
        for hour, price in enumerate(prices):
            if price is not None:
                self._run(
                    "INSERT INTO price_spans (series, minutes, start_at, observations, drops,"
                    " lowest, highest, total)"
                    " SELECT id, 60, %s, 1, 0, %s, %s, %s FROM price_series"
                    f" WHERE key = {_SERIES_KEY}",
                    begin + hour * HOUR,
                    *(price,) * 3,
                    event_id,
                    currency,
                )

    def clear(self) -> None:
        """Leave nothing behind."""
        for table in TABLES:
            self._run(f"DELETE FROM {table}")


@contextmanager
def listing(url: str) -> Iterator[Listed]:
    """Lines in a database that others use too: none at first, and none afterwards."""
    with Tables(url) as tables:
        made = Listed(tables.run)
        made.clear()
        yield made
        made.clear()
