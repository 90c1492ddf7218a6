"""Both ways to detect: what one of them does, the other does too."""

import importlib.util

import pytest

from conscope_app.domains.tickets import tracking
from conscope_app.domains.tickets.accelerated import Track, accelerated

IS_INSTALLED = importlib.util.find_spec("conscope_native") is not None

needs_native = pytest.mark.skipif(
    not IS_INSTALLED, reason="the native kernel is not installed: it takes cargo to build it"
)


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
