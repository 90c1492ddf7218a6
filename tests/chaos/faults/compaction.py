"""The changelog, compacted while workers restore from it and are killed at that."""

import re
import time
from dataclasses import dataclass
from random import Random

from tests.broker.pipeline import SESSION_S, Worker
from tests.chaos.changelog import NAME, Changelog
from tests.chaos.trial import Trial

WORKERS = 2
EVENTS, SEATS = 20, 1_000
FILLED_WITHIN_S = 240.0
SHARE_WITHIN_S = 90.0
RESTORED_WITHIN_S = 90.0
ATTEMPTS = 4  # for each strike: on a quick machine a restore may be over before it is met

_FROZEN_S = SESSION_S * 0.6  # at most: nobody may take the partitions over meanwhile
_LOOK_EVERY_S = 0.05
_SHARE = re.compile(r"track_prices reads raw_prices, partitions \[([\d, ]+)\]")
_RESTORED = re.compile(rf"{NAME}-(\d+): restored \d+ rows")


@dataclass
class Toll:
    """What the strikes met with."""

    killed_inside: int = 0
    compacted_under: int = 0

    def reaches(self, times: int) -> bool:
        """Whether both have happened so often."""
        return min(self.killed_inside, self.compacted_under) >= times


def compact_while_restoring(trial: Trial, dice: Random, times: int) -> None:
    """Wipe a worker, compact while it restores, kill it at that, again and again."""
    trial.begin(WORKERS)
    changelog = Changelog(trial)
    _observe_every_seat(trial, rounds=2)
    toll = Toll()
    for _ in range(times * ATTEMPTS):
        changelog.gather()
        trial.rest(dice, 1.0, 2.0)
        _strike(trial, dice, changelog, toll)
        if toll.reaches(times):
            break
    trial.crew.until_ready()
    # Whatever a restore has left out, or brought back from the past, shows in these.
    _observe_every_seat(trial, rounds=1)
    _weigh(trial, changelog, toll, times)


def _strike(trial: Trial, dice: Random, changelog: Changelog, toll: Toll) -> None:
    restore = _Restore.after_wiping(trial, dice.choice(trial.crew.members))
    if not restore.is_under_way(trial):
        return
    trial.rest(dice, 0.0, 0.2)
    toll.compacted_under += _compact_under(trial, restore, changelog)
    if toll.killed_inside <= toll.compacted_under:
        trial.rest(dice, 0.0, 0.2)
        toll.killed_inside += bool(restore.left())
        restore = _Restore.after_wiping(trial, restore.worker)
    trial.until(
        lambda: restore.share() and not restore.left(),
        within_s=RESTORED_WITHIN_S,
        what=f"a share of {restore.worker.name} restored from nothing",
    )


def _compact_under(trial: Trial, restore: "_Restore", changelog: Changelog) -> bool:
    """Halt the restore, compact what it is about to read, and let it go on."""
    restore.worker.freeze()
    trial.cut()
    try:
        before, unread = changelog.compacted_to(), restore.left()
        until = time.monotonic() + _FROZEN_S
        changelog.compact()
        while time.monotonic() < until:
            now = changelog.compacted_to()
            moved = {part for part in unread if now.get(part, 0) > before.get(part, 0)}
            if moved == unread:
                break
            time.sleep(_LOOK_EVERY_S)
        return bool(moved)
    finally:
        restore.worker.thaw()


@dataclass
class _Restore:
    """What a worker's log says of one restore, from `since` on."""

    worker: Worker
    since: int

    @classmethod
    def after_wiping(cls, trial: Trial, worker: Worker) -> "_Restore":
        """Kill the worker and let it begin from nothing."""
        since = len(worker.log)
        trial.crew.kill(worker, wipe=True, killed=trial.cut)
        return cls(worker, since)

    def is_under_way(self, trial: Trial) -> bool:
        """Wait until the worker has its share."""
        return trial.until(self.share, within_s=SHARE_WITHIN_S, what="a share after the wipe")

    def share(self) -> set[int]:
        """The partitions that it was given last."""
        shares = _SHARE.findall(self.worker.log[self.since :])
        return {int(each) for each in shares[-1].split(",")} if shares else set()

    def left(self) -> set[int]:
        """Those of its share that are not restored yet."""
        restored = _RESTORED.findall(self.worker.log[self.since :])
        return self.share() - {int(part) for part in restored}


def _observe_every_seat(trial: Trial, *, rounds: int) -> None:
    """Let every seat be seen so many more times, and wait until all of it is compared."""
    before, count = trial.compared(), rounds * EVENTS * SEATS
    seed = str(trial.seed)  # the same seats each time
    market = ("--events", str(EVENTS), "--seats", str(SEATS), "--seed", seed)
    trial.pipeline.run("produce", "mock", "--rate", "0", "--count", str(count), *market)
    trial.until(
        lambda: trial.compared() >= before + count,
        within_s=FILLED_WITHIN_S,
        what=f"{count} prices compared",
    )


def _weigh(trial: Trial, changelog: Changelog, toll: Toll, times: int) -> None:
    kept, offsets = changelog.size()
    trial.notes.append(
        f"{toll.killed_inside} kills inside a restore, {toll.compacted_under} restores with the "
        f"log compacted under them; of {offsets} offsets of the changelog {kept} have a record"
    )
    trial.demand(toll.reaches(times), f"only {toll} in {times * ATTEMPTS} attempts")
    # Each transaction has at least one record, the position, and at most one marker: fewer
    # records than half of the offsets cannot be without compaction.
    trial.demand(2 * kept < offsets, f"{kept} records in {offsets} offsets: hardly compacted")
