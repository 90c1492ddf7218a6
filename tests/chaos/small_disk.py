"""A file system of a few megabytes, to be filled."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.broker.pipeline import eventually

DISK_MB = 192

# The write-ahead log would fill it by itself: its default is a gigabyte.
POSTGRES_SETTINGS = {"max_wal_size": "32MB", "min_wal_size": "32MB"}


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount it on the folder, in memory; everything in it is gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={DISK_MB}m,mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "conscope", folder], check=True)
    try:
        yield
    finally:
        eventually(lambda: _unmounted(folder), within_s=30, what="the small disk let go")


def _unmounted(folder: Path) -> bool:
    return subprocess.run(["umount", folder], check=False, capture_output=True).returncode == 0
