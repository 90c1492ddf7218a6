"""Runs `faust -A conscope_app …` as a person does, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60


class Ended(NamedTuple):
    """How a command ended and what it wrote."""

    code: int
    output: str
    errors: str


def conscope(*arguments: str, kafka_url: str = "kafka://127.0.0.1:1") -> Ended:
    """Run the command to its end; without another address there is no Kafka."""
    environment = {**os.environ, "CONSCOPE_KAFKA_URL": kafka_url, "COLUMNS": "200"}  # noqa: TID251 a child's environment
    done = subprocess.run(
        [sys.executable, "-m", "faust", "-A", "conscope_app", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)
