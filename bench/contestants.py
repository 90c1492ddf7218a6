"""Who is compared with ConScope in detection: each written as its own documentation would have it.

What a peer needs is fetched when it is first started (`prepare` does it ahead, so that no run
waits for it), into a folder that is kept.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import java, peers_venv
from bench.peers.options import AT_LEAST_ONCE, EXACTLY_ONCE
from bench.stage import Program, Stage
from bench.workload import WARM_SHARE
from conscope_app.local import prerequisites

_KEPT = Path(__file__).parents[1] / ".conscope" / "bench"
_VENV = _KEPT / "venv"
_JAVA = _KEPT / "java"

# A JVM's CPU a record still falls at a hundred thousand records.
_WARM_SHARE_OF_A_JVM = 0.6

# Compilers, collector and the first size of the heap are the JVM's own choice for a server.
_JVM = ("-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A peer by the name that runs carry.

    `share_of_records` is the part of a scenario's records that it is given: one that is slower by
    an order of magnitude would otherwise take most of the benchmark's time, a JVM needs more until
    it has compiled what it runs, and so does one that is to be timed between rare commits.
    `warm_share` is the part of them that is not timed. One that `commits_rarely` shows its progress
    only every few seconds.
    """

    name: str
    guarantee: str
    start: Callable[[Stage], Program]
    share_of_records: float = 1.0
    warm_share: float = WARM_SHARE
    commits_rarely: bool = False


def prepare(say: Callable[[str], None] = lambda _: None) -> Path:
    """Fetch and build what the peers need and is not there yet; gives their Python."""
    java.prepare(_JAVA, say)
    return peers_venv.prepare(_VENV, say)


def _options(stage: Stage, guarantee: str) -> list[str]:
    named = {
        "bootstrap": stage.bootstrap,
        "input": stage.raw,
        "processed": stage.processed,
        "alerts": stage.alerts,
        "partitions": str(stage.partitions),
        "group": stage.group,
        "state": str(stage.folder / "state"),
        "guarantee": guarantee,
    }
    return [word for name, value in named.items() for word in (f"--{name}", value)]


def _in_python(module: str, guarantee: str) -> Callable[[Stage], Program]:
    def start(stage: Stage) -> Program:
        python = str(peers_venv.prepare(_VENV))
        return Program(command=[python, "-m", module, *_options(stage, guarantee)])

    return start


def _in_java(guarantee: str) -> Callable[[Stage], Program]:
    def start(stage: Stage) -> Program:
        command = [prerequisites.require_java(), *_JVM, "-cp", java.prepare(_JAVA)]
        return Program(command=[*command, java.MAIN_CLASS, *_options(stage, guarantee)])

    return start


def _loop(stage: Stage) -> Program:
    # In ConScope's own environment: the same msgspec, and the newest confluent-kafka.
    options = _options(stage, AT_LEAST_ONCE)
    return Program(command=[sys.executable, "-m", "bench.peers.loop", *options])


PEERS = [
    Contestant(
        name="Kafka Streams, exactly once",
        guarantee="exactly once",
        start=_in_java(EXACTLY_ONCE),
        share_of_records=2,
        warm_share=_WARM_SHARE_OF_A_JVM,
    ),
    Contestant(
        name="Kafka Streams, at least once",
        guarantee="at least once",
        start=_in_java(AT_LEAST_ONCE),
        share_of_records=2,
        warm_share=_WARM_SHARE_OF_A_JVM,
    ),
    Contestant(
        name="Quix Streams, exactly once",
        guarantee="exactly once",
        start=_in_python("bench.peers.quix", EXACTLY_ONCE),
        share_of_records=2,
        commits_rarely=True,
    ),
    Contestant(
        name="Quix Streams, at least once",
        guarantee="at least once",
        start=_in_python("bench.peers.quix", AT_LEAST_ONCE),
    ),
    Contestant(
        name="Faust, as documented",
        guarantee="may lose on an error",
        start=_in_python("bench.peers.plain_faust", AT_LEAST_ONCE),
        share_of_records=0.04,
    ),
    Contestant(
        name="confluent-kafka loop",
        guarantee="none, keeps nothing",
        start=_loop,
    ),
]
