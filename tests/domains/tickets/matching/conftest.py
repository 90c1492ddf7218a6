"""The table of venues' other names, as it ships."""

import pytest

from conscope_app.domains.tickets.matching.aliases import aliases_with
from conscope_app.domains.tickets.matching.venues import Aliases


@pytest.fixture(scope="session")
def aliases() -> Aliases:
    """Read once."""
    return aliases_with()
