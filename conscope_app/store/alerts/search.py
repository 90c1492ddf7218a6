"""Searching a long list for a page: the newest first, never looking at more than a window of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg2.extensions import cursor as Cursor  # noqa: N812 psycopg2 spells the class in lower case

# One page looks at so many rows at most where no index knows what is asked for, and the next one
# goes on there: a page costs no more however long the list has become.
WINDOW = 10_000


Row = tuple[Any, ...]
Values = Mapping[str, Any]


class Search(NamedTuple):
    """A page of a table, as SQL. All texts are our own: what somebody asked for is in the values.

    `order` are the columns that the list is in the order of, all descending, and no two rows have
    the same ones. `bounds` are the conditions that an index knows, `tests` those for which rows are
    looked at; both call the row `found`. `%(limit)s` is the length of the page.
    """

    table: str
    columns: str
    order: Sequence[str]
    bounds: Sequence[str]
    tests: Sequence[str]
    window: int | None = None  # where it is not `WINDOW`

    def of_all(self) -> str:
        """Through the newest rows, as far as the window."""
        return f"""
            SELECT {self.columns} FROM (
                SELECT * FROM {self.table} AS found WHERE {_all(self.bounds)}
                ORDER BY {self._newest} LIMIT {self._window}
            ) AS found
            WHERE {_all(self.tests)} ORDER BY {self._newest} LIMIT %(limit)s
        """  # noqa: S608 see the class

    def end_of_window(self) -> str:
        """The place of the last row that `of_all` looks at; none where it looks at every row."""
        return f"""
            SELECT {", ".join(self.order)} FROM {self.table} AS found WHERE {_all(self.bounds)}
            ORDER BY {self._newest} OFFSET {self._window - 1} LIMIT 1
        """  # noqa: S608 see the class

    def of_each(self, column: str) -> str:
        """Through the rows of each of `%(ids)s`, which an index by the column and the order has."""
        conditions = [f"{column} = named_id", *self.bounds, *self.tests]
        return f"""
            SELECT {self.columns}
            FROM unnest(%(ids)s::text[]) AS named (named_id) CROSS JOIN LATERAL (
                SELECT * FROM {self.table} AS found WHERE {_all(conditions)}
                ORDER BY {self._newest} LIMIT %(limit)s
            ) AS found
            ORDER BY {self._newest} LIMIT %(limit)s
        """  # noqa: S608 see the class

    def end_of_windows(self, column: str, count: int) -> str:
        """The place as far as which a window, shared by so many of `%(ids)s`, reaches for each."""
        conditions = [f"{column} = named_id", *self.bounds]
        return f"""
            SELECT {", ".join(self.order)}
            FROM unnest(%(ids)s::text[]) AS named (named_id) CROSS JOIN LATERAL (
                SELECT * FROM {self.table} AS found WHERE {_all(conditions)}
                ORDER BY {self._newest} OFFSET {max(1, self._window // max(1, count)) - 1} LIMIT 1
            ) AS found
            ORDER BY {self._newest} LIMIT 1
        """  # noqa: S608 see the class

    def of_those(self, key: str, those: str) -> str:
        """Of the rows whose `key` the query `those` finds, which are few."""
        conditions = [*self.bounds, *self.tests]
        return f"""
            SELECT {self.columns} FROM (SELECT DISTINCT {key} FROM ({those}) AS every) AS those
            JOIN {self.table} AS found USING ({key})
            WHERE {_all(conditions)} ORDER BY {self._newest} LIMIT %(limit)s
        """  # noqa: S608 see the class

    def until(self, place: Sequence[Any], values: Values) -> "tuple[Search, Values]":
        """The same as far as a place, which is included."""
        ends = {f"end_{column}": value for column, value in zip(self.order, place, strict=True)}
        named = ", ".join(f"%({name})s" for name in ends)
        bound = f"({', '.join(self.order)}) >= ({named})"
        return self._replace(bounds=[*self.bounds, bound]), {**values, **ends}

    @property
    def _window(self) -> int:
        return self.window or WINDOW

    @property
    def _newest(self) -> str:
        return ", ".join(f"{column} DESC" for column in self.order)


def look_through(
    cursor: Cursor, search: Search, values: Values, of: str | None
) -> tuple[list[Row], Row | None]:
    """The rows of a page, and the place where looking ended, if that was not the end of the list.

    `of` is the column of `%(ids)s`; None looks through the whole table.
    """
    end: Row | None = None
    if of is None:
        cursor.execute(search.of_all(), values)
        rows = cursor.fetchall()
        if search.tests and len(rows) < values["limit"]:
            cursor.execute(search.end_of_window(), values)
            end = cursor.fetchone()
        return rows, end
    if search.tests:
        cursor.execute(search.end_of_windows(of, len(values["ids"])), values)
        end = cursor.fetchone()
    if end is not None:
        search, values = search.until(end, values)
    cursor.execute(search.of_each(of), values)
    return cursor.fetchall(), end


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"
