"""A scenario: one row of the report."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Literal

from tests.chaos.clocks import why_no_clocks

if TYPE_CHECKING:
    from tests.chaos.trial import Trial

# Strikes the trial so many times; all chance comes from the dice, so that a seed repeats it.
Strike = Callable[["Trial", Random, int], None]


@dataclass(frozen=True)
class Demand:
    """What a scenario needs before it begins."""

    brokers: Literal[1, 3] = 1
    own_kafka_properties: dict[str, str] = field(default_factory=dict)
    topic_configs: dict[str, dict[str, str]] = field(default_factory=dict)
    partitions: int = 4
    rate: int = 200  # prices a second of the steady stream
    snapshots: int = 20  # market snapshots a second beside it
    watches: bool = False  # people watch the events of the stream, and change their minds
    small_disk: bool = False  # Postgres on a file system of its own, which only root can mount
    toxiproxy: bool = False
    movable_clocks: bool = False  # Kafka and Postgres go by `trial.clock("kafka")`, `("postgres")`

    def unmet(self) -> str | None:
        """Why it cannot be run here; None where it can."""
        if self.small_disk and os.geteuid() != 0:
            return "only root may mount a file system"
        if self.toxiproxy and shutil.which("go") is None:
            return "Toxiproxy is built with Go, and there is no go"
        return why_no_clocks() if self.movable_clocks else None


@dataclass(frozen=True)
class Scenario:
    """A fault, how often it strikes, and what must hold after it."""

    name: str
    title: str
    promise: str
    strike: Strike
    times: int
    quick_times: int = 0  # in the quick sample; 0 leaves it out
    demand: Demand = field(default_factory=Demand)
