"""What is known of before the first snapshot that retention has left: what was published of it."""

from conscope_app.audit.due import Ranges
from conscope_app.audit.markets.belief import first_belief, next_belief
from conscope_app.audit.markets.expectation import EventAtSource, Past
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.processed_market import ProcessedMarket, decode_processed_market


class Pasts:
    """Takes `processed_markets` of the partitions that were cut, in order.

    A snapshot is in it as it came, and it is kept for longer. Of an event that was published as new
    there all is known; of any other what has been said since the first one that is left. Of the
    partitions in `shortened` a part of it is gone too.
    """

    def __init__(self, ranges: Ranges, shortened: frozenset[int]) -> None:
        self._shortened = shortened
        self._starts = {partition: start for partition, (start, _) in ranges.items() if start > 0}
        self._pasts: dict[int, dict[EventAtSource, Past]] = {at: {} for at in self._starts}

    def note(self, record: Record) -> None:
        """The next record; what cannot be read is reported when it is met."""
        try:
            market = decode_processed_market(record.value or b"")
            raw = RecordId.parse(market.id)
        except ValueError:
            return
        if raw.offset < self._starts.get(raw.partition, 0):
            self._add(self._pasts[raw.partition], market)

    def is_whole(self, partition: int) -> bool:
        """Whether what is not known of has never been."""
        return partition not in self._starts or partition not in self._shortened

    def of(self, partition: int) -> dict[EventAtSource, Past]:
        """What was known before the partition begins; the caller's own."""
        return dict(self._pasts.get(partition, {}))

    def _add(self, pasts: dict[EventAtSource, Past], market: ProcessedMarket) -> None:
        at = (market.event_id, market.source)
        past = pasts.get(at)
        if past is None:
            if market.kind != "late":
                pasts[at] = Past(first_belief(market), whole=market.kind == "new")
        elif market.observed_at > past.belief.at:
            pasts[at] = Past(next_belief(past.belief, market), past.whole)
