"""What is logged, and how: one line an event on standard error."""

import logging
from typing import Any

import faust

from conscope_app.core.printable import Mask, printable


class QuietWorker(faust.Worker):
    """Faust's worker without its spinner, which sets the root logger to DEBUG: every debug call of
    every library would then build a record, only to be dropped.
    """

    def on_setup_root_logger(self, logger: logging.Logger, level: int) -> None:
        """Take the level of `-l` where it asks for more than Faust's default, WARN."""
        self.spinner = None
        if level < logging.WARNING:
            logger.setLevel(level)


class LineFormatter(logging.Formatter):
    """One line an event, whatever names and messages from outside hold; no secret in any.

    Control characters are written out, so nobody can forge a line or steer the terminal of who
    reads it. The lines of a traceback begin with a bar, which no event's line does.
    """

    def __init__(self, fmt: str, *, mask: Mask) -> None:
        super().__init__(fmt)
        self._mask = mask

    def clean(self, text: str) -> str:
        """The text as a log may show it."""
        return self._mask(printable(text))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's own name
        """The event's line."""
        return self.clean(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 logging's own name
        """The traceback, each line behind a bar."""
        return self._behind_a_bar(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 logging's own name
        """The stack, each line behind a bar."""
        return self._behind_a_bar(super().formatStack(stack_info))

    def _behind_a_bar(self, text: str) -> str:
        return "\n".join(f"  | {self.clean(line)}" for line in text.split("\n"))


def logging_config(
    level: str, mask: Mask | None = None, recent: logging.Handler | None = None
) -> dict[str, Any]:
    """Python's logging configuration; the level stands on loggers, so less is not even built.

    `recent` is handed what goes to standard error as well.
    """
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": LineFormatter,
                "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
                "mask": mask or Mask(),
            }
        },
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
    if recent is not None:
        config["handlers"]["recent"] = {"()": lambda: recent}
        config["root"]["handlers"].append("recent")
    return config


def as_logged(text: str) -> str:
    """The text as this process's log would show it, for what is written beside the log."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, LineFormatter):
            return handler.formatter.clean(text)
    return printable(text)
