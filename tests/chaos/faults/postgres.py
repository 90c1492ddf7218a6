"""Postgres: stopped, killed, far away, resetting its connections, out of disk."""

import time
from pathlib import Path
from random import Random

import psycopg2

from conscope_app.store.url import parse_url
from tests.broker.pipeline import ROOT
from tests.chaos.toxiproxy import Toxiproxy, build
from tests.chaos.trial import Trial

STOPPED_S = 60.0
LATENCY_MS = 300
LATENT_S = 30.0
RESETS_S = 20.0
FILLS_WITHIN_S = 60.0


def stop(trial: Trial, dice: Random, times: int) -> None:
    """Shut down in order, and away for 60 s."""
    trial.begin(2)
    for _ in range(times):
        trial.rest(dice, 1.0, 3.0)
        trial.postgres.stop()
        trial.cut()
        _detection_goes_on(trial)
        time.sleep(STOPPED_S)
        trial.postgres.start()
        trial.crew.until_ready()


def kill(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL the server and all its processes; it repairs itself at the next start."""
    trial.begin(2)
    for _ in range(times):
        trial.rest(dice, 1.0, 5.0)
        trial.postgres.kill()
        trial.cut()
        _detection_goes_on(trial)
        trial.postgres.start()
        trial.crew.until_ready()


def far_away(trial: Trial, dice: Random, times: int) -> None:
    """Every answer takes 300 ms longer."""
    proxy = _begin_behind_a_proxy(trial)
    for _ in range(times):
        trial.rest(dice, 1.0, 2.0)
        proxy.add("latency", latency=LATENCY_MS, jitter=LATENCY_MS // 10)
        time.sleep(LATENT_S)
        proxy.remove("latency")
    trial.crew.until_ready()


def resets(trial: Trial, dice: Random, times: int) -> None:
    """Connections are reset a moment after they were made, again and again."""
    proxy = _begin_behind_a_proxy(trial)
    for _ in range(times):
        trial.rest(dice, 0.5, 2.0)
        until = time.monotonic() + RESETS_S
        while time.monotonic() < until:
            trial.cut()
            proxy.add("reset_peer", timeout=dice.randrange(0, 500))
            trial.rest(dice, 0.2, 1.5)
            proxy.remove("reset_peer")
            trial.rest(dice, 0.0, 1.0)
    trial.crew.until_ready()


def disk_full(trial: Trial, dice: Random, times: int) -> None:
    """The disk with its data is full; later there is room again."""
    trial.begin(2)
    ballast = trial.postgres_folder / "ballast"
    for _ in range(times):
        trial.rest(dice, 1.0, 3.0)
        trial.cut()
        _fill(ballast)
        trial.until(
            lambda: _refuses(trial), within_s=FILLS_WITHIN_S, what="a disk that is really full"
        )
        _detection_goes_on(trial)
        ballast.unlink()
        if not trial.postgres.is_running:
            trial.postgres.start()  # it ends itself where it cannot write its log
        trial.crew.until_ready()


def _detection_goes_on(trial: Trial) -> None:
    """Prices are still compared: the count grows, and a worker says that it is not ready."""
    before = trial.compared()
    trial.until(lambda: trial.compared() > before + 300, within_s=90, what="detection going on")
    trial.demand(
        not all(worker.get("/health/ready") for worker in trial.crew.members),
        "every worker said that it was ready without a database",
    )


def _begin_behind_a_proxy(trial: Trial) -> Toxiproxy:
    program = build(ROOT / ".conscope" / "artifacts")
    proxy = trial.enter(Toxiproxy(program, trial.folder, upstream_port=trial.postgres.port))
    url = parse_url(trial.postgres.url).set(port=proxy.port).render_as_string(False)
    trial.begin(2, CONSCOPE_DATABASE_URL=url)
    return proxy


def _fill(ballast: Path) -> None:
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(bytes(1 << 20))
                file.flush()
        except OSError:
            pass  # no space left: that is what was wanted


def _refuses(trial: Trial) -> bool:
    try:
        trial.pipeline.query("CREATE TABLE IF NOT EXISTS filler AS SELECT generate_series(1, 9999)")
    except psycopg2.Error:
        return True
    return False
