"""Which pictures there are of a benchmark."""

from collections.abc import Sequence

from bench.report.bars import Bar, BarChart
from bench.report.contestants import CONSCOPE, DETECTION, STORAGE, Contestant, lineup
from bench.report.curves import Curves, Panel
from bench.report.figures import middle, ratio, spread
from bench.report.growth import VARIED, runs_of, series, usual
from bench.report.quantities import RECORDS_PER_S, ROWS_PER_S, TIMES, Unit
from bench.run import Results

DETECTION_FILE = "performance-detection.svg"
STORAGE_FILE = "performance-storage.svg"
GROWTH_FILE = "performance-growth.svg"

_PANEL_TITLES = {
    "seats": "Seats",
    "partitions": "Partitions",
    "record_bytes": "Bytes a record",
    "drop_share": "Share of drops",
}


def pictures(results: Results) -> dict[str, str]:
    """The content of each picture by its file's name; none of what was not measured."""
    drawn = {
        DETECTION_FILE: _detection(results),
        STORAGE_FILE: _storage(results),
        GROWTH_FILE: _growth(results),
    }
    return {name: content for name, content in drawn.items() if content is not None}


def _detection(results: Results) -> str | None:
    bars = _bars(results, "detection", "records_per_s", DETECTION)
    return _chart(
        "Price drops detected: records a second, one process",
        "Each record decoded, compared with the last price of its seat, enriched and written.",
        results,
        RECORDS_PER_S,
        bars,
    )


def _storage(results: Results) -> str | None:
    bars = _bars(results, "storage", "rows_per_s", STORAGE)
    return _chart(
        "Price history stored: rows a second into Postgres",
        "The same rows into the same table with all its indexes, each row once.",
        results,
        ROWS_PER_S,
        bars,
    )


def _chart(
    title: str, subtitle: str, results: Results, unit: Unit, bars: Sequence[Bar]
) -> str | None:
    if not bars:
        return None
    return BarChart(title, subtitle, "ConScope ÷ it", _foot(results), unit, bars).svg()


def _bars(results: Results, scenario: str, figure: str, known: Sequence[Contestant]) -> list[Bar]:
    ours = middle(results.of(scenario, CONSCOPE), figure)
    bars = []
    for each in lineup(known, results, scenario):
        found = spread(results.of(scenario, each.name), figure)
        if found:
            beside = ratio(ours, found.middle)
            shown = _beside(beside) if beside and each.name != CONSCOPE else ""
            bars.append(Bar(each.title, each.guarantee, _style(each, known), found, shown))
    return bars


def _beside(times: float) -> str:
    return TIMES.full(times, TIMES.decimals if times < 10 else 0)


def _style(contestant: Contestant, known: Sequence[Contestant]) -> str:
    if contestant.name == CONSCOPE:
        return "ours"
    return "peer" if contestant.guarantee == known[0].guarantee else "other"


def _growth(results: Results) -> str | None:
    runs = runs_of(results, CONSCOPE)
    others = usual(runs)
    panels = []
    for varied in VARIED:
        found = {
            value: spread(group, "records_per_s") for value, group in series(runs, varied).items()
        }
        points = {value: extent for value, extent in found.items() if extent}
        if points:
            marks = {value: _mark(varied, value) for value in points}
            title = _PANEL_TITLES[varied]
            panels.append(Panel(title, points, others.get(varied), marks, varied != "drop_share"))
    if not panels:
        return None
    return Curves(
        "As the work grows: records a second, one process",
        "One condition varied at a time; the ring marks its value while another one is varied.",
        _foot(results),
        panels,
    ).svg()


def _mark(varied: str, value: float) -> str:
    if varied == "drop_share":
        return f"{value * 100:g} %"
    for size, name in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:.3g}{name}"
    return f"{value:g}"


def _foot(results: Results) -> str:
    return (
        f"Medians; lines span the slowest and the fastest run. {results.machine.cores} cores, "
        f"servers on the same machine, {results.began[:10]}."
    )
