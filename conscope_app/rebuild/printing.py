"""What a rebuild came to, in sentences."""

from collections.abc import Iterator

from conscope_app.rebuild.history import RebuiltRows
from conscope_app.rebuild.seeding import SeededPartition
from conscope_app.rebuild.table import RebuiltPartition
from conscope_app.store.archive import Archived
from conscope_app.topics.tickets import RAW_PRICES


def of_partition(rebuilt: RebuiltPartition) -> Iterator[str]:
    """One partition of the table."""
    name = f"{rebuilt.table}-{rebuilt.partition}"
    written = rebuilt.written
    if written is None:
        yield (
            f"{name}: left as it is, its changelog stands at {rebuilt.held} and no output is "
            "ahead of it; --replace writes it anew"
        )
        return
    counts = written.progress.counts
    line = (
        f"{name}: {written.rows} rows, position {written.progress.next_offset}, "
        f"{counts.get('records', 0)} records counted"
    )
    if written.removed:
        line += f"; {written.removed} rows were removed that no kept record speaks of"
    yield line
    before, recalled = rebuilt.recalled
    if not before:
        return
    place = f"{rebuilt.raw_topic}-{rebuilt.partition}-{before}"
    gone = f"{name}: what was seen before {place} is no longer in the topics"
    if rebuilt.raw_topic == RAW_PRICES.name:
        yield (
            f"{gone}: {recalled} seats came from price_history, seats that it does not know are "
            "new again, and the counters begin there"
        )
    else:
        yield f"{gone}: what has not been said since is not known, and the counters begin there"


def of_rows(rebuilt: RebuiltRows) -> Iterator[str]:
    """One partition of a table in Postgres."""
    name = f"{rebuilt.table}, partition {rebuilt.partition}"
    yield (
        f"{name}: {rebuilt.after - rebuilt.before} rows were missing, {rebuilt.after} are there; "
        f"{rebuilt.topic} was read from {rebuilt.start} to {rebuilt.position}"
    )
    if rebuilt.start:
        yield (
            f"{name}: offsets 0 to {rebuilt.start - 1} of {rebuilt.topic} are no longer kept: "
            "rows made of them come back from a backup only"
        )


def of_archive(archived: Archived | None) -> Iterator[str]:
    """What was put away."""
    if archived is None:
        yield "The tables are empty: nothing is put away."
        return
    yield f"The old tables ({archived.rows} rows of history) are in the schema {archived.schema}."
    if archived.untold:
        yield f"{archived.untold} deliveries among them were still waiting; they will not be told."


def of_seeds(seeded: SeededPartition) -> Iterator[str]:
    """One partition of the table, seeded."""
    yield (
        f"last_seen_prices-{seeded.partition}: {seeded.rows} seats; "
        f"raw_prices-{seeded.partition} begins at {seeded.begins_at}"
    )
