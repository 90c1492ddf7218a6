"""The options that every peer is started with."""

import argparse
from dataclasses import dataclass
from pathlib import Path

AT_LEAST_ONCE = "at-least-once"
EXACTLY_ONCE = "exactly-once"


@dataclass(frozen=True, kw_only=True)
class Options:
    """Where to read and write; `state` is a folder of the peer's own."""

    bootstrap: str
    input: str
    processed: str
    alerts: str
    partitions: int
    group: str
    state: Path
    guarantee: str


def read_options() -> Options:
    """The options of this process; one that is missing ends it with the usage."""
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "input", "processed", "alerts", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--partitions", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--guarantee", choices=[AT_LEAST_ONCE, EXACTLY_ONCE], required=True)
    return Options(**vars(parser.parse_args()))
