"""The stream of snapshots must contain what the faults are to be tried on."""

from collections import Counter
from datetime import timedelta
from random import Random

from conscope_app.core.clock import to_epoch_ms
from conscope_app.domains.tickets.market_tracking import track_markets
from conscope_app.domains.tickets.processed_market import ChangeKind
from tests.chaos.simulated_events import SimulatedEvents
from tests.factories import NOON, ARecord


def test_everything_that_can_happen_to_a_snapshot_does() -> None:
    """Within what a trial of a minute or so sends: all kinds, all changes, bad and foreign ones."""
    events = SimulatedEvents(Random(1), NOON)
    records = []
    for offset in range(2_000):
        now = NOON + timedelta(seconds=offset / 20)
        sent = events.look(now)
        at = to_epoch_ms(now)
        records.append(
            ARecord(sent.key, sent.value, "market_snapshots", offset=offset, timestamp=at)
        )

    counts = Counter(track_markets(records, {}.get, 0, lambda _: 0).counts)

    assert {f"change:{kind}" for kind in ChangeKind} <= counts.keys()
    assert min(counts["new"], counts["same"], counts["late"], counts["changed"]) >= 20
    assert counts["dead:not_json"] and counts["dead:missing_field"] and counts["dead:wrong_type"]
    assert counts["rekeyed"] > 20
