"""Workers that stand still, or end, at a named point: what they do next comes too late."""

from functools import partial
from pathlib import Path
from random import Random

from tests.broker.pipeline import SESSION_S, Worker, eventually
from tests.chaos.inside import points
from tests.chaos.inside.orders import VARIABLE, Deed, Entry, Orders, SharedFolder
from tests.chaos.saboteur import MODULE
from tests.chaos.scenario import Strike
from tests.chaos.trial import Trial

WORKERS = 2
FALLS_WITHIN_S = 180.0
TAKEN_OVER_WITHIN_S = 120.0
MOST_PASSES = 25  # before the trap closes; a partition commits several times a second

# By the name of the scenario. The courier's point has another: its lease is longer than a session.
FREEZE_POINTS = {
    "zombie-before-transaction": points.BEFORE_TRANSACTION,
    "zombie-in-transaction": points.IN_TRANSACTION,
    "zombie-after-commit": points.AFTER_COMMIT,
    "zombie-after-rocksdb": points.AFTER_ROCKSDB,
    "zombie-before-rows-commit": points.BEFORE_ROWS_COMMIT,
    "zombie-after-rows-commit": points.AFTER_ROWS_COMMIT,
}
KILL_POINTS = (*FREEZE_POINTS.values(), points.TOLD_NOT_NOTED)


def freeze_at(point: str) -> Strike:
    """SIGSTOP at the point, until an heir has gone on where the zombie stood; then SIGCONT.

    Afterwards the heir is killed: the zombie takes everything back, on the data directory that it
    had when it was stopped.
    """

    def strike(trial: Trial, dice: Random, times: int) -> None:
        shared = begin(trial, dice)
        for _ in range(times):
            zombie, stopped = spring(trial, dice, shared, point)
            heir = next(each for each in trial.crew.members if each is not zombie)
            _until_taken_over(trial, heir, stopped)
            trial.rest(dice, 0.0, SESSION_S / 2)
            zombie.thaw()
            trial.cut()
            _until_went_on(trial, shared, stopped)
            trial.crew.until_ready()
            _take_back(trial, zombie, heir)

    return strike


def freeze_courier(trial: Trial, dice: Random, times: int) -> None:
    """SIGSTOP between the channel's answer and the note of it, until another one tells; SIGCONT."""
    shared = begin(trial, dice)
    for _ in range(times):
        zombie, stopped = spring(trial, dice, shared, points.TOLD_NOT_NOTED)
        told = len(trial.discord.told)
        trial.until(
            partial(_told_more_than, trial, told),
            within_s=TAKEN_OVER_WITHIN_S,
            what="alerts told by another courier",
        )
        zombie.thaw()
        trial.cut()
        _until_went_on(trial, shared, stopped)
        trial.crew.until_ready()


def kill_at_points(trial: Trial, dice: Random, times: int) -> None:
    """SIGKILL at every point, so many times each, in an order of chance."""
    shared = begin(trial, dice)
    order = list(KILL_POINTS) * times
    dice.shuffle(order)
    for point in order:
        spring(trial, dice, shared, point, deed="kill")
        trial.rest(dice, 0.0, 2.0)
    trial.notes.append(f"{times} at each of {len(KILL_POINTS)} points: {', '.join(KILL_POINTS)}")
    trial.crew.until_ready()


def begin(trial: Trial, dice: Random) -> SharedFolder:
    """Start workers with a saboteur inside, and the stream."""
    folder = trial.folder / "sabotage"
    for number in range(WORKERS):
        _hire(trial, dice, folder, f"w{number + 1}")
    trial.crew.until_ready()
    trial.stream()
    return SharedFolder(folder)


def _hire(trial: Trial, dice: Random, folder: Path, name: str) -> Worker:
    orders = Orders(str(folder), name, dice.randrange(1 << 30))
    return trial.hire(name, module=MODULE, **{VARIABLE: orders.as_text()})


def spring(
    trial: Trial,
    dice: Random,
    shared: SharedFolder,
    point: str,
    *,
    deed: Deed = "stop",
    most_passes: int = MOST_PASSES,
    topic: str = "",
) -> tuple[Worker, Entry]:
    """Lay a trap and wait until a worker is in it: which one, and what it said last.

    It may be for what is done with records of one topic alone.
    """
    before = len(shared.entries())
    shared.lay(point, passes=dice.randint(1, most_passes), deed=deed, topic=topic)

    def caught() -> list[Entry]:
        return [each for each in shared.entries()[before:] if each.did == deed]

    (fell,) = eventually(caught, within_s=FALLS_WITHIN_S, what=f"a worker that falls {point}")
    worker = next(each for each in trial.crew.members if each.name == fell.by)
    if deed == "stop":
        eventually(
            lambda: _stands_still(worker), within_s=FALLS_WITHIN_S, what=f"{worker.name} stopped"
        )
    trial.cut()
    return worker, fell


def _stands_still(worker: Worker) -> bool:
    # The state is the first word behind the name, which stands in brackets.
    stat = Path(f"/proc/{worker.process.pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


def _until_taken_over(trial: Trial, heir: Worker, stopped: Entry) -> None:
    """Wait until the heir has all partitions, and goes on where the zombie stood."""
    place = (stopped.about["topic"], stopped.about["partition"])
    reached: list[int] = []

    def goes_on() -> bool:
        positions = _positions(heir)
        if positions is None:
            return False
        reached.append(positions[place])
        return positions[place] > reached[0]

    trial.until(goes_on, within_s=TAKEN_OVER_WITHIN_S, what=f"{heir.name} going on with {place}")


def _positions(owner: Worker) -> dict[tuple[str, int], int] | None:
    """How far each partition has been read; None unless one worker runs them all."""
    stats = owner.get("/api/v1/stats")
    if stats is None:
        return None
    rows = [(feed["topic"], row) for feed in stats["feeds"] for row in feed["partitions"]]
    own = f":{owner.port}"
    if not all(row["state"] == "running" and row["worker"].endswith(own) for _, row in rows):
        return None
    return {(topic, row["partition"]): row["position"] or 0 for topic, row in rows}


def _told_more_than(trial: Trial, count: int) -> bool:
    return len(trial.discord.told) > count


def _until_went_on(trial: Trial, shared: SharedFolder, stopped: Entry) -> None:
    def went_on() -> bool:
        return any(
            each.did == "went on" and each.by == stopped.by and each.at > stopped.at
            for each in shared.entries()
        )

    trial.until(went_on, within_s=FALLS_WITHIN_S, what="the zombie going on")


def _take_back(trial: Trial, zombie: Worker, heir: Worker) -> None:
    """Kill the heir: what the zombie has on its disk must be as good as what the heir had."""
    trial.crew.retire(heir)
    heir.kill()
    trial.cut()
    trial.until(
        lambda: _positions(zombie) is not None,
        within_s=TAKEN_OVER_WITHIN_S,
        what=f"{zombie.name} with all partitions again",
    )
    before = trial.compared()
    trial.until(
        lambda: trial.compared() > before + trial.scenario.demand.rate,
        within_s=TAKEN_OVER_WITHIN_S,
        what=f"{zombie.name} comparing prices again",
    )
    trial.crew.hire(heir)
    trial.crew.until_ready()
