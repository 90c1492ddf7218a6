"""Market snapshots: what must be there against what is, fed with records and rows.

Pure, and to be fed in order: `processed_markets` first where retention has removed a part of the
snapshots, then the raw records, then the outputs, and the rows of tables after all of these.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

from msgspec import UNSET

from conscope_app.audit.due import KindsFound, Ranges, not_asked_in_time
from conscope_app.audit.markets.changes import Happened
from conscope_app.audit.markets.consequences import Consequences
from conscope_app.audit.markets.due import MarketDues, Take, changes_text
from conscope_app.audit.markets.past import Pasts
from conscope_app.audit.markets.places import KINDS, MarketNames, MarketPlaces, said
from conscope_app.audit.places import Place
from conscope_app.audit.reconciliation import Reconciliation
from conscope_app.audit.report import Report
from conscope_app.core.ids import RecordId
from conscope_app.core.record import Record
from conscope_app.domains.tickets.processed_market import ProcessedMarket, decode_processed_market


class MarketComparison(Reconciliation):
    """`market_snapshots`, and everything that came out of it."""

    dues: MarketDues

    def __init__(
        self,
        names: MarketNames,
        partitions: int,
        ranges: Ranges,
        *,
        shortened: Mapping[str, frozenset[int]] | None = None,
        limit: int = 20,
    ) -> None:
        self.names = names
        self.places = MarketPlaces.under(names)
        shortened = dict(shortened or {})
        shortened[self.places.dead.name] = shortened.get(names.dead, frozenset())
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
        self.consequences = Consequences(
            names,
            partitions,
            self.ranges,
            self.findings,
            shortened=shortened.get(names.watched, frozenset()),
        )
        self._kinds_found = KindsFound(self.ranges, decode_processed_market, KINDS)
        self._pasts = Pasts(self.ranges, shortened.get(names.processed, frozenset()))
        self.dues = self._judging(self.consequences.expect)

    @property
    def published(self) -> str:
        """`processed_markets`."""
        return self.names.processed

    def note_published(self, record: Record) -> None:
        """A record of `processed_markets`."""
        self._pasts.note(record)
        self._kinds_found.note(record)

    @property
    def tables(self) -> Sequence[Place]:
        """The history."""
        return (self.places.history,)

    def meets(self) -> Mapping[str, Callable[[Record], None]]:
        """The topics in the order in which a record goes through them."""
        return {
            self.names.raw: self.expect,  # past the mark: only copies of records before it
            self.names.processed: self.meet_processed,
            self.names.watched: self.consequences.meet_watched,
            self.names.dead: self.meet_dead,
        }

    def meet_processed(self, record: Record) -> None:
        """A record of `processed_markets`."""
        found = self._meet_output(self.places.processed, _readable, record)
        if found is None:
            return
        raw = RecordId.parse(found.id)
        register = self._registers.get((self.places.processed.name, raw.partition))
        is_ours = raw.topic == self.raw_topic and register is not None and raw.offset in register
        if register is not None and is_ours and register.is_weak(raw.offset):
            self.consequences.expect_changes(raw, found.market, _happened(found.market))

    def missing_count(self) -> int:
        """How much of what is expected has not been found."""
        return super().missing_count() + self.consequences.missing_count()

    @property
    def wrong_partitions(self) -> set[int]:
        """The raw partitions whose records are needed again to say what is wrong."""
        return super().wrong_partitions | self.consequences.wrong_partitions

    def add_to(self, report: Report, raw_ends: Mapping[int, int]) -> Report:
        """The report of prices with that of snapshots; `raw_ends` tells which have ever been."""
        totals = [*self.totals(raw_ends), *self.consequences.totals(raw_ends)]
        report.totals += totals
        report.findings += self.findings.ordered([total.place for total in totals])
        report.notes += self._notes()
        report.snapshots = self.dues.records
        report.good_snapshots = self.dues.good
        report.snapshot_partitions = self.ranges
        return report

    def _notes(self) -> list[str]:
        cut = {partition: start for partition, (start, _) in self.ranges.items() if start > 0}
        if not cut:
            return []
        gone = ", ".join(f"{partition} begins at {start}" for partition, start in cut.items())
        return [
            (
                f"Retention has removed a part of {self.raw_topic}: partition {gone}. "
                f"{self.dues.weak} snapshots of events of which not all that was said is kept are "
                "checked weakly: what they changed must only be the same everywhere."
            ),
            *not_asked_in_time(self.dues.guessed),
        ]

    def _new_dues(self) -> MarketDues:
        return self._judging(self.consequences.explain)

    def _judging(self, take: Take) -> MarketDues:
        return MarketDues(
            self.places, self._partitions, self.ranges, self._kinds_found, self._pasts, take
        )

    def _refused_in(self, topic: str) -> Sequence[Place]:
        return (self.places.history,) if topic == self.names.processed else ()

    def _excuse(self, raw: RecordId, places: Sequence[Place], letter: RecordId) -> None:
        super()._excuse(raw, places, letter)
        self.consequences.excuse(raw)

    def _note_strange_letter(self, place_id: RecordId, why: str) -> None:
        """Those that are no letters at all are found with the prices."""


def _readable(value: bytes) -> SimpleNamespace:
    """A processed market with the place's fields as attributes."""
    market = decode_processed_market(value)
    fields = said(market, unspoken=UNSET)
    changes = changes_text(_happened(market))
    return SimpleNamespace(**fields, id=market.id, kind=market.kind, changes=changes, market=market)


def _happened(market: ProcessedMarket) -> tuple[Happened, ...]:
    return tuple(
        Happened(change.kind.value, change.because.value, change.old, change.new, change.name)
        for change in market.changes
    )
