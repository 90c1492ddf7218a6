"""The servers of a benchmark: one broker and one database, on loopback, as people run them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from conscope_app.local.artifacts import prepare
from conscope_app.local.kafka import KafkaServer
from conscope_app.local.postgres import PostgresServer

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".conscope"

# A broker that has to bear all that it can has its optimising compiler. For a few thousand records
# a second there is that of `make demo` (`conscope_app.local.kafka.QUICK`): the compiler would take
# both cores for the first minute.
BUSY = ("-XX:+UseG1GC", "-Xshare:auto")


@contextmanager
def kafka(folder: Path, jvm: Sequence[str] = BUSY) -> Iterator[KafkaServer]:
    """A broker with Kafka's own defaults but for its place and its single copy."""
    with KafkaServer(folder / "kafka", prepare(KEPT / "artifacts"), heap_mb=1024, jvm=jvm) as one:
        yield one


@contextmanager
def postgres(folder: Path, **settings: str) -> Iterator[PostgresServer]:
    """A database as the demo starts it, but for `settings`."""
    folder.chmod(0o755)  # root starts Postgres as another user, who has to enter
    artifacts = prepare(KEPT / "artifacts")
    with PostgresServer(folder / "postgres", artifacts, settings=settings) as one:
        yield one
