"""ConScope itself as a contestant: the worker as people start it, with its default settings."""

import sys
from collections.abc import Sequence

from bench.stage import Program, Stage
from conscope_app.local.ports import free_port
from conscope_app.topics.tickets import PRICE_ALERTS, PROCESSED_PRICES

NAME = "ConScope"
PROCESSED, ALERTS = PROCESSED_PRICES.name, PRICE_ALERTS.name


def worker(
    stage: Stage, agents: Sequence[str] = (), name: str = "worker", **settings: str
) -> Program:
    """A worker that does the named parts (none named: all), in a data directory of its own."""
    return Program(
        command=[sys.executable, "-m", "faust", "-A", "conscope_app", "worker"],
        environment={
            "CONSCOPE_KAFKA_URL": f"kafka://{stage.bootstrap}",
            "CONSCOPE_DATABASE_URL": stage.database_url,
            "CONSCOPE_PARTITIONS": str(stage.partitions),
            "CONSCOPE_DATA_DIR": str(stage.folder / name),
            "CONSCOPE_WEB_PORT": str(free_port()),
            "CONSCOPE_AGENTS": ",".join(agents),
            **settings,
        },
    )
