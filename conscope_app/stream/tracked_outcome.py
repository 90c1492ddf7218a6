"""Where everything goes that followed from a slab of raw records."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from conscope_app.domains.tickets.folding import REKEYED_FROM, Tracked
from conscope_app.stream.dead_letters import dead_letter
from conscope_app.stream.outcome import Outcome, Written
from conscope_app.stream.slab import Slab


def tracked_outcome(
    tracked: Tracked,
    slab: Slab[Any],
    outputs: Mapping[tuple[str, int], Sequence[Written]],
    *,
    dead_letters: str,
    agent: str,
) -> Outcome:
    """The outcome of a slab that was tracked.

    Beside `outputs`, which go to (topic, partition): what is re-keyed goes back to the slab's own
    topic, with a mark of where it came from; what is refused to the topic `dead_letters`.
    """
    rekeyed: dict[tuple[str, int], list[Written]] = defaultdict(list)
    for partition, key, record in tracked.rekeyed:
        mark = (REKEYED_FROM, f"{record.partition}-{record.offset}".encode())
        rekeyed[slab.topic, partition].append((key, record.value, (*record.headers, mark)))
    letters = [
        dead_letter(record, why.reason, why.message, stage="VALUE_CONVERTER", connector=agent)
        for record, why in tracked.refused
    ]
    every = {**outputs, **rekeyed, (dead_letters, slab.partition): letters}
    refused = {record.offset for record, _ in tracked.refused}
    return Outcome(
        outputs={target: records for target, records in every.items() if records},
        changes=tracked.changes,
        counts=tracked.counts,
        refused_at=[
            at for at, record in enumerate(slab.records) if refused and record.offset in refused
        ],
    )
