"""Tests of what the client's build makes: where it is, or why it is not."""

from pathlib import Path

import pytest

from conscope_app.local.client import ClientNotBuilt, is_current, require_node

BUILT = Path(__file__).parents[1] / "web" / "static" / "built"


def needs_client() -> None:
    """Skip where there is no Node. With it, `make` builds the client, and a test needs it."""
    try:
        require_node()
    except ClientNotBuilt as missing:
        pytest.skip(str(missing))
    assert is_current(), "the client is not built of these sources: make client"
