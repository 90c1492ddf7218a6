"""Which measurements a benchmark consists of, and how large they are."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes of a whole benchmark. A scenario with no size is left out.

    `growth` are the conditions that are varied one at a time, each beside the usual one; a million
    seats are left to `seats`.
    """

    form: str
    records: int
    repetitions: int
    warms_up: bool = False  # whether the broker first gets a run that does not count
    peers: tuple[str, ...] | None = None  # by name; None: all of them
    storage_rows: int = 0
    pipeline_records: int = 0
    latency_s: float = 0
    rates: tuple[tuple[float, float], ...] = ()  # records a second, and the share of drops
    watch_latency_s: float = 0
    watches: int = 0  # told 5,000 records a second, over a tenth as many events
    watches_s: float = 0
    live_s: float = 0  # for which 500 clients keep a page open
    live_burst: int = 0  # records that are worked off at once beside them
    market_rows: int = 0  # of history, over 2,000 events with 200,000 seats
    seats: int = 0
    growth: tuple[tuple[str, tuple[float, ...]], ...] = ()
    workers: tuple[int, ...] = ()
    idle: bool = False


# On two cores with nothing else to do: less than 40 minutes, ten of them for detection and twelve
# for live pages, whose memory has to stay where it is for ten.
FULL = Plan(
    form="full",
    records=240_000,
    repetitions=3,
    warms_up=True,
    storage_rows=150_000,
    pipeline_records=120_000,
    latency_s=50,
    # A market in which most of 5,000 prices a second drop has no channel that could tell of them:
    # Discord takes ten alerts a message and thirty messages a minute, five alerts a second.
    rates=((500, 0.6), (5_000, 0.02)),
    watch_latency_s=90,
    watches=100_000,
    watches_s=40,
    live_s=600,
    live_burst=300_000,
    seats=1_000_000,
    growth=(
        ("seats", (1_000, 100_000)),
        ("partitions", (1, 4, 16, 64)),
        ("padding", (1_500, 3_500)),
        ("drop_share", (0.0, 0.95)),
    ),
    workers=(1, 2, 4),
    idle=True,
)

# For itself: it takes more than an hour, nearly all of it Postgres'.
MARKET = Plan(form="market", records=0, repetitions=0, market_rows=10_000_000)

QUICK = Plan(
    form="quick",
    records=60_000,
    repetitions=1,
    peers=("Kafka Streams, exactly once", "confluent-kafka loop"),
    storage_rows=40_000,
    live_s=20,
    live_burst=60_000,
)
