"""What the anchors share: options, rows that wait in memory, and a line for each commit."""

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 psycopg2 spells it so

from conscope_app.core.ids import RecordId
from conscope_app.domains.tickets.records import decode_processed
from conscope_app.store.tickets.lines import HISTORY_COLUMNS
from conscope_app.store.url import connect_arguments

BATCH = 2_000
COLUMNS = ", ".join(f'"{column}"' for column in HISTORY_COLUMNS)

Value = int | str | Decimal | datetime | None
Row = tuple[Value, ...]
T = TypeVar("T")

_OF_THE_PLACE = 4  # raw_partition, raw_offset, observed_at, recorded_at


def run(
    ready: Callable[[Row], T],
    write: Callable[[Connection, Sequence[T]], None],
) -> None:
    """Store every row of the file, and say after each commit how many there are by now.

    Rows are made `ready` before the first is written.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--database-url", required=True)
    parser.add_argument("--file", type=Path, required=True)
    options = parser.parse_args()
    rows = [ready(row) for row in _rows(options.file)]
    connection = psycopg2.connect(**connect_arguments(options.database_url, "anchor"))
    print(0, flush=True)
    for begin in range(0, len(rows), BATCH):
        batch = rows[begin : begin + BATCH]
        write(connection, batch)
        connection.commit()
        print(begin + len(batch), flush=True)


def _rows(file: Path) -> Iterator[Row]:
    for line in file.read_bytes().splitlines():
        price = decode_processed(line)
        raw = RecordId.parse(price.id)
        rest = (getattr(price, name) for name in HISTORY_COLUMNS[_OF_THE_PLACE:])
        yield (raw.partition, raw.offset, price.timestamp, price.timestamp, *rest)
