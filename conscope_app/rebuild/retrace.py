"""Raw records through what judges them once more, for what they leave in the table alone."""

from collections.abc import Callable, Sequence

from conscope_app.core.record import Record
from conscope_app.domains.tickets.folding import Tracked
from conscope_app.rebuild.copies import Copies
from conscope_app.rebuild.rules import Track
from conscope_app.stream.progress import Progress
from conscope_app.stream.table_partition import TablePartition


class Retrace:
    """Applies runs of records of one partition to its rows, as its owner had done."""

    def __init__(
        self,
        partition: int,
        partition_of: Callable[[bytes], int],
        rows: TablePartition,
        progress: Progress,
        track: Track,
    ) -> None:
        self.progress = progress
        self._judge = track
        self._partition = partition
        self._partition_of = partition_of
        self._rows = rows

    def take(self, records: Sequence[Record]) -> None:
        """The next records, which had been processed."""
        if not records:
            return
        tracked = self._track(records)
        refused = {record.offset for record, _ in tracked.refused}
        self._rows.write(tracked.changes.items(), 0)
        self.progress = self.progress.advance(
            records[-1].offset + 1,
            tracked.counts,
            [at for at, record in enumerate(records) if record.offset in refused],
            len(records),
        )

    def take_copied(self, records: Sequence[Record], copies: Copies) -> bool:
        """The next records as far as they have been re-keyed; whether that is all of them.

        What comes behind the last record that an output names was processed only if its copy is
        there: a slab may end with such records.
        """
        for record in records:
            rekeyed = self._track([record]).rekeyed
            if not rekeyed or not copies.have(record, rekeyed[0][1]):
                return False
            self.take([record])
        return True

    def would_rekey(self, record: Record) -> bool:
        """Whether nothing but a copy comes of the record."""
        return bool(self._track([record]).rekeyed)

    def _track(self, records: Sequence[Record]) -> Tracked:
        return self._judge(records, self._rows.get, self._partition, self._partition_of)
