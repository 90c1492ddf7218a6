"""The five stocks of `vega-datasets`: where the file is, and what must come out of it.

This is the plain recomputation that the pipeline is compared with: it shares no code with it.
"""

import csv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path


def stocks_path() -> Path:
    """`stocks.csv` inside the installed package: symbol, date (`Jan 1 2000`), price."""
    return Path(str(files("vega_datasets"))) / "_data" / "stocks.csv"


@dataclass
class ExpectedMoves:
    """What a correct pipeline makes of the file."""

    rows: int = 0
    new: int = 0
    drops: int = 0
    rises: int = 0
    same: int = 0
    drops_by_symbol: dict[str, int] = field(default_factory=dict)
    last_price: dict[str, Decimal] = field(default_factory=dict)
    # (symbol, moment, old price, new price) of every drop, in file order
    each_drop: list[tuple[str, datetime, Decimal, Decimal]] = field(default_factory=list)


def expected_moves(path: Path) -> ExpectedMoves:
    """Compare each price with the one before it of the same symbol, in file order."""
    expected = ExpectedMoves()
    with path.open(newline="") as lines:
        for row in csv.DictReader(lines):
            symbol, price = row["symbol"], Decimal(row["price"])
            old = expected.last_price.get(symbol)
            expected.rows += 1
            expected.last_price[symbol] = price
            if old is None:
                expected.new += 1
            elif price < old:
                moment = datetime.strptime(row["date"], "%b %d %Y").replace(tzinfo=UTC)
                expected.drops += 1
                expected.drops_by_symbol[symbol] = expected.drops_by_symbol.get(symbol, 0) + 1
                expected.each_drop.append((symbol, moment, old, price))
            elif price > old:
                expected.rises += 1
            else:
                expected.same += 1
    return expected
