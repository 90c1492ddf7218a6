"""Both ways to detect: what one of them does, the other does too."""

import pytest

from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import Track, accelerated
from tests.native import needs_native


@pytest.fixture(scope="session")
def native() -> Track:
    """The native kernel's `track`, whatever its version."""
    from conscope_native import fold

    return accelerated(fold)


@pytest.fixture(scope="session", params=["python", pytest.param("native", marks=needs_native)])
def track(request: pytest.FixtureRequest) -> Track:
    """Each `track` there is."""
    chosen: Track = (
        tracking.track if request.param == "python" else request.getfixturevalue("native")
    )
    return chosen
