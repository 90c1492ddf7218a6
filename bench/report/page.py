"""The published page and its pictures: made from one results.json, and from nothing else."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.report import live, market, summary, tables
from bench.report.gallery import DETECTION_FILE, GROWTH_FILE, STORAGE_FILE, pictures
from bench.run import Results

NOT_RUN = "No run has been published yet: `make bench` makes one."

# The page has one more, for the profile, which is written by hand.
PLACES: dict[str, Callable[[Results], str]] = {
    "machine": summary.machine,
    "targets": summary.targets,
    "left out": summary.left_out,
    "detection": lambda results: _illustrated(tables.detection(results), DETECTION_FILE, results),
    "storage": lambda results: _illustrated(tables.storage(results), STORAGE_FILE, results),
    "pipeline": tables.pipeline,
    "latency": tables.latency,
    "watch latency": tables.watch_latency,
    "watch scale": tables.watch_scale,
    "seats": tables.seats,
    "growth": lambda results: _illustrated(tables.growth(results), GROWTH_FILE, results),
    "scaling": tables.scaling,
    "live clients": live.live_clients,
    "live bursts": live.live_bursts,
    "market": market.market,
    "idle": tables.idle,
}

_BEGIN, _END = "<!-- {} -->", "<!-- end of {} -->"
_ALT = {
    DETECTION_FILE: "Records a second by contestant, with the guarantee of each",
    STORAGE_FILE: "Rows a second into Postgres by contestant",
    GROWTH_FILE: "Records a second against seats, partitions, record size and share of drops",
}


class PlaceMissing(Exception):
    """The page has no such marked place, so a part of the report would be lost."""


def load(path: Path) -> Results:
    """What a benchmark wrote."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def publish(results: Results | None, docs: Path) -> None:
    """Fill the page's marked places and draw its pictures; what was not measured has none."""
    page, images = docs / "performance.md", docs / "images"
    page.write_text(with_tables(page.read_text(), results))
    drawn = pictures(results) if results else {}
    for name in _ALT.keys() - drawn.keys():
        (images / name).unlink(missing_ok=True)
    for name, content in drawn.items():
        (images / name).write_text(content)


def with_tables(page: str, results: Results | None) -> str:
    """The page with the report of these results between its marks."""
    for name, told in PLACES.items():
        page = _between(page, name, told(results) if results else NOT_RUN)
    return page


def _illustrated(table: str, name: str, results: Results) -> str:
    drawn = name in pictures(results)
    return f"![{_ALT[name]}](images/{name})\n\n{table}" if drawn else table


def _between(page: str, name: str, text: str) -> str:
    before, begin, rest = page.partition(_BEGIN.format(name))
    _, end, after = rest.partition(_END.format(name))
    if not end:
        raise PlaceMissing(name)
    return f"{before}{begin}\n{text}\n{end}{after}"
