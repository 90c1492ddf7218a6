"""Watches for what happens, and what was decided of it."""

from typing import Any

from conscope_app.alerting.watches.watch import Watch
from tests.alerting.watches.stories import a_watch


def asks(*words: str, watch_id: str = "w", **parts: Any) -> Watch:
    """A watch for what happens, and for nothing else."""
    return a_watch(watch_id, when={"happens": [*words]}, **parts)


def decided(report: Any) -> list[str]:
    """What was decided, and of what."""
    return [f"{each.verdict} {each.happening.what}" for each in report.decisions]


def each(*words: str, **parts: Any) -> Watch:
    """A watch for what happens to the items of row A."""
    return asks(*words, what={"each": "item", "only": {"row": ["A"]}}, **parts)
