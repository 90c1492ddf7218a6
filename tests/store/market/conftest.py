"""The market's tables, and what fills them."""

import pytest

from tests.store.ledgers import Tables
from tests.store.market.listed import Listed


@pytest.fixture
def listed(tables: Tables) -> Listed:
    """Writes lines of the list of events; there is none at first."""
    return Listed(tables.run)
