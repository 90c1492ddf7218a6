"""A large table: rate and memory, and how long a start takes with and without it on disk."""

import shutil
import time
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from bench.marks import Stalled
from bench.outcome import kinds_between
from bench.process import all_of
from bench.run import Run
from bench.scenarios.detection import Arena, contend
from bench.stage import Program, Stage
from bench.workload import Price, pour

SCENARIO = "seats"
_WITHIN_S = 300.0
_LOOK_EVERY_S = 0.05

Start = Callable[[Stage], Program]


def seats(arena: Arena, stage: Stage, contestant: str, start: Start, *, quiet_s: float) -> Run:
    """Detection with the arena's seats; then a restart on the state kept, and one without it.

    A start takes from the process's begin to the first answers in every partition; what a restore
    takes is the difference of the two starts. It is not told where it is less than half a start,
    which itself takes now more, now less. The answers show whether the state was there.
    """
    run = contend(
        arena,
        scenario=SCENARIO,
        contestant=contestant,
        stage=stage,
        programs=[start(stage)],
        quiet_s=quiet_s,
    )
    if run.wrong is not None:
        return run
    try:
        restart_s = _start_s(arena, stage, start)
        for folder in (each for each in stage.folder.iterdir() if each.is_dir()):
            shutil.rmtree(folder)
        wiped_s = _start_s(arena, stage, start)
    except Stalled as stalled:
        return replace(run, wrong=str(stalled))
    figures = {**run.figures, "restart_s": round(restart_s, 2), "wiped_start_s": round(wiped_s, 2)}
    restore_s = wiped_s - restart_s
    if restore_s >= restart_s / 2:
        figures["restore_seats_per_s"] = round(arena.workload.seats / restore_s)
    return replace(run, figures=figures)


def _start_s(arena: Arena, stage: Stage, start: Start) -> float:
    before = arena.topics.ends(stage.processed)
    _repeat_prices(arena)
    program = start(stage)
    began = time.monotonic()
    with all_of([program], stage.folder) as contending:
        while True:
            now = arena.topics.ends(stage.processed)
            took_s = time.monotonic() - began
            if all(now[partition] > end for partition, end in before.items()):
                break
            if took_s > _WITHIN_S or not contending.alive:
                raise Stalled(f"no answer after {took_s:.0f} s: {contending.last_words}")
            time.sleep(_LOOK_EVERY_S)
    _require_known_seats(arena, stage, before, now)
    return took_s


def _repeat_prices(arena: Arena) -> None:
    """Some prices of every partition once more: for who has the state, they are the same."""
    newest = arena.expected.newest
    prices = [Price(key, value, "same", 0) for key, value in newest.items()]
    pour(arena.expected.counting(prices), arena.bootstrap, arena.raw)


def _require_known_seats(
    arena: Arena, stage: Stage, begins: Mapping[int, int], ends: Mapping[int, int]
) -> None:
    kinds = kinds_between(arena.bootstrap, stage.processed, begins, ends)
    if set(kinds) != {"same"}:
        raise Stalled(f"after a start, prices that had not changed were {dict(kinds)}")
