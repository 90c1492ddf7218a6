"""Monthly partitions of a table, made as they are needed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from conscope_app.store.engine import Connection

# An import may reach back decades; what lies outside is a mistake, and a partition for each month
# of the calendar would bring Postgres to its knees.
FIRST_YEAR = 1900
LAST_YEAR = 2100

# Each new partition locks itself, its indexes and its TOAST table until the end of the transaction,
# out of 6,400 locks that a server has by default for everybody.
_AT_ONCE = 32

_EXISTING = """
SELECT partition.relname FROM pg_inherits
JOIN pg_class AS partition ON partition.oid = inhrelid
WHERE inhparent = %s::regclass
"""


class Month(NamedTuple):
    """A month in UTC."""

    year: int
    month: int

    @property
    def start(self) -> str:
        """Its first moment, as Postgres reads it in whatever time zone."""
        return f"{self.year:04}-{self.month:02}-01 00:00:00+00"

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)


def has_partition(moment: datetime) -> bool:
    """Whether a moment lies in the years that partitions are made for."""
    return FIRST_YEAR <= moment.year <= LAST_YEAR


class MonthlyPartitions:
    """Makes `<table>_YYYY_MM`; remembers what it has seen, so that most batches ask nothing.

    May be shared by threads. Processes that make the same partition at once wait for each other.
    """

    def __init__(self, table: str) -> None:
        self._table = table
        self._known: frozenset[str] = frozenset()

    def ensure(self, connection: Connection, moments: Iterable[datetime]) -> None:
        """Make the partitions that these moments (in UTC) need, in transactions of its own."""
        months = {Month(year, month) for year, month in {(m.year, m.month) for m in moments}}
        if {self._name(month) for month in months} <= self._known:
            return
        self._known = self._existing(connection)
        missing = sorted(month for month in months if self._name(month) not in self._known)
        for some in _slices(missing, _AT_ONCE):
            self._create(connection, some)

    def forget(self) -> None:
        """Look again next time: a partition that was known has gone."""
        self._known = frozenset()

    def _name(self, month: Month) -> str:
        return f"{self._table}_{month.year:04}_{month.month:02}"

    def _existing(self, connection: Connection) -> frozenset[str]:
        with connection.cursor() as cursor:
            cursor.execute(_EXISTING, (self._table,))
            names = frozenset(name for (name,) in cursor.fetchall())
        connection.commit()
        return names

    def _create(self, connection: Connection, months: Sequence[Month]) -> None:
        """Make and attach them: unlike PARTITION OF, that neither blocks nor waits for readers."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (self._table,))
            cursor.execute(_EXISTING, (self._table,))
            existing = frozenset(name for (name,) in cursor.fetchall())
            for month in months:
                name = self._name(month)
                if name not in existing:
                    cursor.execute(
                        f"CREATE TABLE IF NOT EXISTS {name}"
                        f" (LIKE {self._table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
                    )
                    cursor.execute(
                        f"ALTER TABLE {self._table} ATTACH PARTITION {name}"
                        " FOR VALUES FROM (%s) TO (%s)",
                        (month.start, month.next.start),
                    )
        connection.commit()
        self._known = existing | {self._name(month) for month in months}


def _slices(months: Sequence[Month], size: int) -> Iterator[Sequence[Month]]:
    for begin in range(0, len(months), size):
        yield months[begin : begin + size]
