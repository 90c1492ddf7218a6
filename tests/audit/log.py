"""The raw topic of the story, in memory."""

from tests.audit.story import STEPS, Place, Stored, raw_record

PARTITIONS = 4
START_MS = 1_795_345_200_000


class Log:
    """The story's raw records, each with its offset."""

    def __init__(self, first_offset: int = 0) -> None:
        self.places: dict[str, Place] = {}
        self.records: list[Stored] = []
        ends = [first_offset] * PARTITIONS
        for at, step in enumerate(STEPS):
            record = raw_record(step, PARTITIONS, self.places, "raw_prices")
            record.offset, record.timestamp = ends[record.partition], START_MS + at
            ends[record.partition] += 1
            self.records.append(record)
            self.places[step.name] = Place(record.partition, record.offset, record.timestamp)
        self.ranges = {partition: (first_offset, end) for partition, end in enumerate(ends)}

    def id_of(self, name: str) -> str:
        """The id of a step's record."""
        return f"raw_prices-{self.places[name].partition}-{self.places[name].offset}"
