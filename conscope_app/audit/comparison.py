"""Prices: what must be there against what is, fed with records and rows.

Pure, and to be fed in order: the raw records first (before them the kinds that were found, where
retention has removed a part), then the outputs in any order and as often as more of them come.
"""

from collections.abc import Callable, Mapping, Sequence

from conscope_app.audit.due import Dues, KindsFound, Names, Places, Ranges, not_asked_in_time
from conscope_app.audit.places import Place
from conscope_app.audit.reconciliation import Reconciliation
from conscope_app.audit.report import Report
from conscope_app.core.record import Record
from conscope_app.domains.tickets.records import decode_alert, decode_processed


class Comparison(Reconciliation):
    """`raw_prices`, and everything that came out of it."""

    dues: Dues

    def __init__(
        self,
        names: Names,
        partitions: int,
        ranges: Ranges,
        *,
        shortened: Mapping[str, frozenset[int]] | None = None,
        limit: int = 20,
    ) -> None:
        self.names = names
        self.places = Places.under(names)
        super().__init__(
            names.raw,
            partitions,
            ranges,
            places=self.places,
            dead=self.places.dead,
            copies=self.places.copies,
            shortened=shortened,
            limit=limit,
        )
        self.kinds_found = KindsFound(self.ranges)
        self.dues = self._new_dues()

    @property
    def tables(self) -> Sequence[Place]:
        """The history, and the alerts."""
        return (self.places.history, self.places.drop_alerts)

    @property
    def published(self) -> str:
        """`processed_prices`."""
        return self.names.processed

    def note_published(self, record: Record) -> None:
        """A record of `processed_prices`."""
        self.kinds_found.note(record)

    def meets(self) -> Mapping[str, Callable[[Record], None]]:
        """The topics in the order in which a record goes through them."""
        return {
            self.names.raw: self.expect,  # past the mark: only copies of records before it
            self.names.processed: self.meet_processed,
            self.names.alerts: self.meet_alert,
            self.names.dead: self.meet_dead,
        }

    def meet_processed(self, record: Record) -> None:
        """A record of `processed_prices`."""
        self._meet_output(self.places.processed, decode_processed, record)

    def meet_alert(self, record: Record) -> None:
        """A record of `price_alerts`."""
        self._meet_output(self.places.alerts, decode_alert, record)

    def report(self, raw_ends: Mapping[int, int], notes: Sequence[str]) -> Report:
        """The verdict; `raw_ends` tells which raw records have ever been."""
        totals = self.totals(raw_ends)
        return Report(
            records=self.dues.records,
            good=self.dues.good,
            partitions=self.ranges,
            totals=totals,
            findings=self.findings.ordered([total.place for total in totals]),
            notes=list(notes),
        )

    def notes(self) -> list[str]:
        """What a reader of the report has to know."""
        notes = []
        cut = {partition: start for partition, (start, _) in self.ranges.items() if start > 0}
        if cut:
            gone = ", ".join(f"{partition} begins at {start}" for partition, start in cut.items())
            notes.append(
                f"Retention has removed a part of {self.raw_topic}: partition {gone}. "
                f"{self.dues.weak} records of seats first seen in the kept part are checked "
                "weakly: what they were compared with is gone, so their fields must only agree "
                "with each other."
            )
        notes += not_asked_in_time(self.dues.guessed)
        if not self.follows_copies:
            notes.append("Re-keyed copies are compared only where all partitions are audited.")
        return notes

    def _new_dues(self) -> Dues:
        return Dues(self.places, self._partitions, self.ranges, self.kinds_found)

    def _refused_in(self, topic: str) -> Sequence[Place]:
        if topic == self.names.processed:
            return (self.places.history,)
        if topic == self.names.alerts:
            return (self.places.drop_alerts,)
        if topic in self.names.of_others:
            return ()  # made from what another comparison audits, or nobody
        raise ValueError(f"it speaks of the topic {topic}, which is none of the pipeline's")
