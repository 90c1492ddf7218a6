"""What a digest says of the alerts that are not shown in full."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from conscope_app.alerting.waiting import WaitingAlert


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many drops of one event were folded, and the largest of them."""

    event_id: str
    event_name: str
    drops: int
    largest_percent: Decimal


@dataclass(frozen=True, slots=True)
class Digest:
    """Folded alerts by event (most drops first), the largest, and where the run begins and ends."""

    drops: int
    events: tuple[EventCount, ...]
    largest: tuple[WaitingAlert, ...]
    first_id: str
    last_id: str


def largest_first(alert: WaitingAlert) -> tuple[Decimal, int]:
    """Sorts by the drop, the largest first; of equal ones the one that waits longest."""
    return -alert.drop_percent, alert.delivery_id


def summarise(folded: Sequence[WaitingAlert], *, name_largest: int) -> Digest:
    """Count a non-empty run of alerts and name its `name_largest` largest drops."""
    by_event: dict[str, list[WaitingAlert]] = {}
    for alert in folded:
        by_event.setdefault(alert.event_id, []).append(alert)
    events = [
        # The newest name, since events are renamed.
        EventCount(key, alerts[-1].event_name, len(alerts), max(a.drop_percent for a in alerts))
        for key, alerts in by_event.items()
    ]
    largest = nsmallest(name_largest, folded, key=largest_first)
    return Digest(
        drops=len(folded),
        events=tuple(sorted(events, key=lambda event: (-event.drops, event.event_id))),
        largest=tuple(largest),
        first_id=folded[0].id,
        last_id=folded[-1].id,
    )
