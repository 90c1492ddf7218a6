"""A large table: rate and memory, and how long a start takes with and without it on disk."""

import shutil
import time
from collections.abc import Callable
from itertools import islice

from confluent_kafka import Producer

from bench.marks import Stalled
from bench.process import all_of
from bench.run import Run
from bench.scenarios.detection import Arena, contend
from bench.stage import Program, Stage
from conscope_app.core.clock import utc_now

SCENARIO = "seats"
_PROBES = 400  # enough for some in every partition
_WITHIN_S = 300.0
_LOOK_EVERY_S = 0.05

Start = Callable[[Stage], Program]


def seats(arena: Arena, stage: Stage, contestant: str, start: Start, *, quiet_s: float) -> Run:
    """Detection with the arena's seats; then a restart on the state kept, and one without it.

    A start takes from the process's begin to the first answers in every partition; what a restore
    takes is the difference of the two starts.
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
        return Run(
            scenario=SCENARIO,
            contestant=contestant,
            parameters=run.parameters,
            figures=run.figures,
            wrong=str(stalled),
        )
    restore_s = max(wiped_s - restart_s, _LOOK_EVERY_S)
    return Run(
        scenario=SCENARIO,
        contestant=contestant,
        parameters=run.parameters,
        figures={
            **run.figures,
            "restart_s": round(restart_s, 2),
            "restore_s": round(restore_s, 2),
            "restore_seats_per_s": round(arena.workload.seats / restore_s),
        },
    )


def _start_s(arena: Arena, stage: Stage, start: Start) -> float:
    before = arena.topics.ends(stage.processed)
    _probe(arena)
    program = start(stage)
    began = time.monotonic()
    with all_of([program], stage.folder) as contending:
        while True:
            now = arena.topics.ends(stage.processed)
            took_s = time.monotonic() - began
            if all(now[partition] > end for partition, end in before.items()):
                return took_s
            if took_s > _WITHIN_S or not contending.alive:
                raise Stalled(f"no answer after {took_s:.0f} s: {contending.last_words}")
            time.sleep(_LOOK_EVERY_S)


def _probe(arena: Arena) -> None:
    producer = Producer({"bootstrap.servers": arena.bootstrap, "partitioner": "murmur2_random"})
    for price in islice(arena.workload.prices(utc_now()), _PROBES):
        producer.produce(arena.raw, price.value, price.key)
    if producer.flush(30):
        raise RuntimeError("Kafka did not take the probes")
