"""An idle worker: nothing arrives, and everything runs."""

import time

from bench.own import NAME, worker
from bench.process import Contending
from bench.run import Run
from bench.scenarios.ready import until_ready
from bench.stage import Stage
from bench.usage import usage_of

SCENARIO = "idle"
_SETTLES_S = 20.0


def idle(stage: Stage, seconds: float = 30.0) -> Run:
    """What a worker with all its agents uses when it has had its start."""
    stage.folder.mkdir(parents=True)
    program = worker(stage)
    with Contending(program, stage.folder / "output.log") as contending:
        until_ready([program], contending)
        time.sleep(_SETTLES_S)
        before, began = usage_of(contending.pid), time.monotonic()
        time.sleep(seconds)
        after, ended = usage_of(contending.pid), time.monotonic()
    return Run(
        scenario=SCENARIO,
        contestant=NAME,
        parameters={"partitions": stage.partitions},
        figures={
            "cpu_percent": round((after.cpu_s - before.cpu_s) / (ended - began) * 100, 2),
            "memory_mb": round(after.memory_mb, 1),
        },
    )
