"""Every Kafka topic of ticket prices by name, with what the broker is told about it.

`docs/topics.md` is the same as a table for people. Two settings are on every topic:

- `message.timestamp.type=LogAppendTime`: a record's timestamp is the broker's clock at the append.
  Each decision takes it as "now", so a producer with a wrong clock cannot silence a seat, a replay
  decides the same, and retention counts from the arrival, also of an import that is decades old.
- `compression.type=snappy`: the broker compresses, whatever a producer sends, so that no Python
  process spends its time on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from conscope_app.stream.dead_letters import MAX_DEAD_BYTES, MAX_RAW_BYTES

_EVERY_TOPIC = {"message.timestamp.type": "LogAppendTime", "compression.type": "snappy"}


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as it must be; `partitions` is None where the settings say how many."""

    name: str
    partitions: int | None = None
    retention: timedelta | None = None
    cleanup: Literal["delete", "compact"] = "delete"
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def configs(self) -> dict[str, str]:
        """Kafka's topic configuration, as text."""
        configs = {**_EVERY_TOPIC, "cleanup.policy": self.cleanup, **self.extra}
        if self.retention is not None:
            configs["retention.ms"] = str(self.retention // timedelta(milliseconds=1))
        return configs

    def partition_count(self, default: int) -> int:
        """How many partitions the topic has where the settings say `default`."""
        return default if self.partitions is None else self.partitions


RAW_PRICES = TopicSpec(
    "raw_prices",
    retention=timedelta(days=7),
    extra=MappingProxyType({"max.message.bytes": str(MAX_RAW_BYTES)}),
)
PROCESSED_PRICES = TopicSpec("processed_prices", retention=timedelta(days=30))
PRICE_ALERTS = TopicSpec("price_alerts", retention=timedelta(days=7))
DEAD_LETTERS = TopicSpec(
    "raw_prices.dead",
    retention=timedelta(days=30),
    extra=MappingProxyType({"max.message.bytes": str(MAX_DEAD_BYTES)}),
)
LAST_SEEN_CHANGELOG = TopicSpec(
    "conscope-last_seen_prices-changelog",
    cleanup="compact",
    # Only closed segments are compacted. With Kafka's default of 1 GiB a restore would read every
    # write of days; 64 MiB close soon and are still few files.
    extra=MappingProxyType({"segment.bytes": str(64 * 1024 * 1024)}),
)
SYSTEM_METRICS = TopicSpec(
    "system_metrics",
    partitions=1,
    cleanup="compact",
    # Every worker reports each second, and a new page reads from the start: close segments by time.
    extra=MappingProxyType({"segment.ms": str(10 * 60 * 1000)}),
)
WATCHES = TopicSpec(
    "watches",
    partitions=1,
    cleanup="compact",
    # Every worker reads it from the start: what is out of date goes within hours.
    extra=MappingProxyType({"segment.ms": str(60 * 60 * 1000)}),
)
WATCHED_PRICES = TopicSpec("watched_prices", retention=timedelta(days=7))
WATCH_DECISIONS = TopicSpec("watch_decisions", retention=timedelta(days=7))
WATCH_BOOKS_CHANGELOG = TopicSpec(
    "conscope-watch_books-changelog",
    cleanup="compact",
    extra=MappingProxyType({"segment.bytes": str(64 * 1024 * 1024)}),
)
MARKET_SNAPSHOTS = TopicSpec(
    "market_snapshots",
    retention=timedelta(days=7),
    extra=MappingProxyType({"max.message.bytes": str(MAX_RAW_BYTES)}),
)
PROCESSED_MARKETS = TopicSpec("processed_markets", retention=timedelta(days=30))
LAST_MARKETS_CHANGELOG = TopicSpec(
    "conscope-last_markets-changelog",
    cleanup="compact",
    extra=MappingProxyType({"segment.bytes": str(64 * 1024 * 1024)}),
)

ALL = (
    RAW_PRICES,
    PROCESSED_PRICES,
    PRICE_ALERTS,
    DEAD_LETTERS,
    LAST_SEEN_CHANGELOG,
    SYSTEM_METRICS,
    WATCHES,
    WATCHED_PRICES,
    WATCH_DECISIONS,
    WATCH_BOOKS_CHANGELOG,
    MARKET_SNAPSHOTS,
    PROCESSED_MARKETS,
    LAST_MARKETS_CHANGELOG,
)


def prefixed(prefix: str) -> tuple[TopicSpec, ...]:
    """The same topics under other names, for tests that share a broker."""
    return tuple(replace(spec, name=f"{prefix}{spec.name}") for spec in ALL)
