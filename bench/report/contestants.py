"""Who is compared: the names that runs carry, and how the report shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.run import Results

CONSCOPE = "ConScope"
KAFKA_STREAMS = "Kafka Streams, exactly once"
QUIX_STREAMS = "Quix Streams, exactly once"
BARE_LOOP = "confluent-kafka loop"
COPY = "COPY + staging"


@dataclass(frozen=True)
class Contestant:
    """`name` as runs carry it, `title` as pictures show it, with the guarantee as a small note."""

    name: str
    title: str
    guarantee: str


# In the order in which they are shown: who promises the same stands together.
DETECTION = (
    Contestant(CONSCOPE, "ConScope", "exactly once"),
    Contestant(KAFKA_STREAMS, "Kafka Streams", "exactly once"),
    Contestant(QUIX_STREAMS, "Quix Streams", "exactly once"),
    Contestant("Kafka Streams, at least once", "Kafka Streams", "at least once"),
    Contestant("Quix Streams, at least once", "Quix Streams", "at least once"),
    Contestant("Faust, as documented", "Faust, as documented", "may lose on an error"),
    Contestant(BARE_LOOP, "confluent-kafka loop", "none, keeps nothing"),
)
STORAGE = (
    Contestant(CONSCOPE, "ConScope", "from Kafka, position kept"),
    Contestant(COPY, "COPY + staging", "by itself"),
    Contestant("execute_values", "execute_values", "by itself"),
)


def lineup(known: Sequence[Contestant], results: Results, scenario: str) -> list[Contestant]:
    """The known ones, and after them whoever else ran: of those no guarantee is claimed."""
    ran = dict.fromkeys(run.contestant for run in results.runs if run.scenario == scenario)
    names = {contestant.name for contestant in known}
    return [*known, *(Contestant(name, name, "") for name in ran if name not in names)]
