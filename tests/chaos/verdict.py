"""What a trial came to: one row of the report. Pure."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Telling:
    """One alert in one message that the stand-in took, and when it did (seconds of the epoch)."""

    record_id: str
    message_id: str
    at: float


@dataclass(frozen=True)
class Tellings:
    """What the channel heard, against what it had to hear."""

    missing: int
    doubled: int
    strangers: int  # told although nobody had to be
    out_of_order: int  # told before an older alert of the same event and partition
    repeats: int  # messages with an alert that an earlier message had told
    unexplained: int  # of these, those that no fault had cut off from the note of the first


@dataclass(frozen=True)
class Due:
    """An alert that somebody had to hear of.

    What one partition holds of an event has an order; between partitions there is none, since
    several workers detect at the same time.
    """

    record_id: str
    partition: int
    offset: int
    event_id: str


@dataclass
class Row:
    """A row of the report. `broken` are the promises that did not hold, in words."""

    name: str
    title: str
    promise: str
    seed: int
    times: int
    records: int = 0  # raw prices and market snapshots
    snapshots: int = 0
    missing: int = 0
    doubled: int = 0
    wrong: int = 0
    alerts: int = 0
    alerts_missing: int = 0
    alerts_doubled: int = 0
    stall_s: float = 0.0
    caught_up_s: float | None = None
    took_s: float = 0.0
    notes: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    skipped: str | None = None  # why it was not run

    @property
    def held(self) -> bool:
        """Whether everything that was promised is so."""
        return not self.broken and self.skipped is None

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        return asdict(self) | {"held": self.held}


def weigh_tellings(
    due: Sequence[Due], told: Sequence[Telling], cuts: Collection[float]
) -> Tellings:
    """Compare what was told with what had to be.

    `cuts` are the moments of faults that may fall between an answer and the note of it: each
    explains that the last message answered before it is told once more, or the first one answered
    after it, which was on its way then.
    """
    times = Counter(telling.record_id for telling in told)
    wanted = {each.record_id for each in due}
    first: dict[str, Telling] = {}
    repeats: dict[str, Telling] = {}  # by repeating message: the first telling of what it repeats
    for telling in told:
        earlier = first.setdefault(telling.record_id, telling)
        if earlier is not telling:
            repeats[telling.message_id] = earlier
    return Tellings(
        missing=len(wanted - times.keys()),
        doubled=sum(count - 1 for count in times.values()),
        strangers=len(times.keys() - wanted),
        out_of_order=_out_of_order(due, list(first)),
        repeats=len(repeats),
        unexplained=_unexplained(repeats, told, cuts),
    )


def _out_of_order(due: Sequence[Due], heard: Sequence[str]) -> int:
    by_id = {each.record_id: each for each in due}
    newest: dict[tuple[str, int], int] = {}
    wrong = 0
    for alert in (by_id[record_id] for record_id in heard if record_id in by_id):
        queue = (alert.event_id, alert.partition)
        wrong += alert.offset < newest.get(queue, -1)
        newest[queue] = max(newest.get(queue, -1), alert.offset)
    return wrong


def _unexplained(
    repeats: Mapping[str, Telling], told: Sequence[Telling], cuts: Collection[float]
) -> int:
    answers = sorted({(telling.at, telling.message_id) for telling in told})
    moments = [at for at, _ in answers]
    near: set[str] = set()
    for cut in cuts:
        after = bisect_right(moments, cut)
        near.update(message_id for _, message_id in answers[max(after - 1, 0) : after + 1])
    return sum(earlier.message_id not in near for earlier in repeats.values())


def judge_audit(row: Row, report: Mapping[str, Any], *, with_snapshots: bool = False) -> None:
    """Take the audit's totals into the row; it may be that snapshots had to come in too."""
    row.snapshots = report["snapshots"]
    row.records = report["records"] + row.snapshots
    totals = report["totals"]
    row.missing = sum(total["missing"] for total in totals)
    row.doubled = sum(total["doubled"] for total in totals)
    row.wrong = sum(total["wrong"] + total["unexpected"] for total in totals)
    if not report["records"]:
        row.broken.append("no record came in: nothing has been shown")
    if with_snapshots and not row.snapshots:
        row.broken.append("no market snapshot came in: nothing has been shown of them")
    if not report["clean"]:
        first = [" ".join(map(str, finding)) for finding in report["findings"][:3]]
        row.broken.append(f"the audit is not clean: {'; '.join(first)}")


def judge_tellings(row: Row, due: int, tellings: Tellings, *, may_repeat: int) -> None:
    """Take what was told into the row; `may_repeat` are messages whose answer was lost."""
    row.alerts = due
    row.alerts_missing = tellings.missing
    row.alerts_doubled = tellings.doubled
    if tellings.missing:
        row.broken.append(f"{tellings.missing} alerts were never told")
    if tellings.strangers:
        row.broken.append(f"{tellings.strangers} told alerts are nobody's")
    if tellings.out_of_order:
        row.broken.append(f"{tellings.out_of_order} alerts were told before an older one")
    if tellings.unexplained > may_repeat:
        row.broken.append(
            f"{tellings.unexplained} messages were told twice without a fault to explain it"
        )
    if tellings.repeats:
        row.notes.append(f"{tellings.repeats} messages told twice")
