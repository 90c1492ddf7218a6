"""Where a contestant works: the servers, the topics and the folder that are its own for one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conscope_app.topics import tickets as topics

RAW_PRICES = topics.RAW_PRICES.name


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a contestant is told. `processed` and `alerts` are its empty output topics."""

    bootstrap: str
    partitions: int
    folder: Path
    group: str
    processed: str
    alerts: str
    database_url: str = ""
    raw: str = RAW_PRICES


@dataclass(frozen=True, kw_only=True)
class Program:
    """How a contestant is started, as a process of its own that runs until SIGTERM."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
