"""The next version of the trials takes the place of what this version really has."""

import subprocess
import sys


def test_there_is_something_to_be_replaced() -> None:
    """In a process of its own, which it changes for good."""
    become = "from tests.chaos.next_version import become_the_next_version as become; become()"

    done = subprocess.run(
        [sys.executable, "-c", become], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
