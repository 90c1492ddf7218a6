"""What is logged, and how: one line an event on standard error."""

import logging
from typing import Any

import faust


class QuietWorker(faust.Worker):
    """Faust's worker without its spinner, which sets the root logger to DEBUG: every debug call of
    every library would then build a record, only to be dropped.
    """

    def on_setup_root_logger(self, logger: logging.Logger, level: int) -> None:
        """Take the level of `-l` where it asks for more than Faust's default, WARN."""
        self.spinner = None
        if level < logging.WARNING:
            logger.setLevel(level)


def logging_config(level: str) -> dict[str, Any]:
    """Python's logging configuration; the level stands on loggers, so less is not even built."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            # They tell of every rebalance and reconnection several times over.
            "aiokafka": {"level": "ERROR"},
            "aiohttp.access": {"level": "WARNING"},
            "mode": {"level": "WARNING"},
            "faust": {"level": "WARNING"},
        },
    }
