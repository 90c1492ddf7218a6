"""The roll-ups of an event, on the real Postgres."""

import pytest

from tests.store.ledgers import Tables
from tests.store.market.event.market_rows import MarketRows


@pytest.fixture
def rows(tables: Tables) -> MarketRows:
    """Writes roll-ups; empty at first."""
    return MarketRows(tables)
