"""A partition of watched prices, and a log for it."""

from pathlib import Path

import pytest

from tests.stream.watch_logs import Partition, WatchedLog


@pytest.fixture
def partition(tmp_path: Path) -> Partition:
    return Partition(tmp_path / "table-0")


@pytest.fixture
def log() -> WatchedLog:
    return WatchedLog()
