"""Events that are known from their facts, and the matching of them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.store.engine import Database
from conscope_app.store.matches.matching import EventMatching
from tests.store.ledgers import Tables
from tests.store.matches.matched import NOW, Known


@pytest.fixture
def known(tables: Tables) -> Iterator[Known]:
    """Nothing is known at first."""
    with Known(tables) as known:
        yield known


@pytest.fixture
async def matching(database: Database, known: Known) -> AsyncIterator[EventMatching]:
    """One worker's."""
    yield EventMatching(database, aliases=aliases_with(), clock=lambda: NOW)
