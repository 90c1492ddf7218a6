"""The check of outcomes finds what a contestant lost, doubled or got wrong, on a real broker."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from confluent_kafka import Producer

from bench.outcome import Outcome, records_between
from bench.topics import Topics
from bench.workload import Expected, Workload, fill
from conscope_app.core.record import Record
from conscope_app.domains.tickets.tracking import track
from conscope_app.local.kafka import KafkaServer
from tests.factories import ARecord

pytestmark = pytest.mark.broker

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORKLOAD = Workload(records=400, seats=50)
PARTITIONS = 2
_numbers = itertools.count(1)

Values = list[bytes]


@pytest.fixture(scope="module")
def expected(kafka_server: KafkaServer) -> Iterator[Expected]:
    """What has to come of the workload, as it was counted when it was written."""
    topics = Topics(kafka_server.bootstrap, PARTITIONS)
    topics.create("bench-raw")
    yield fill(WORKLOAD, kafka_server.bootstrap, "bench-raw", NOW)
    topics.remove(["bench-raw"])


def right_outputs() -> tuple[Values, Values]:
    """Processed prices and alerts, as the product would write them."""
    now_ms = int(NOW.timestamp() * 1000)
    records: list[Record] = [
        ARecord(price.key, price.value, offset=at, timestamp=now_ms)
        for at, price in enumerate(WORKLOAD.prices(NOW))
    ]
    tracked = track(records, lambda _key: None, 0, lambda _key: 0)
    return [each[1] for each in tracked.processed], [each[1] for each in tracked.alerts]


def judged(
    server: KafkaServer, expected: Expected, processed: Values, alerts: Values
) -> str | None:
    """What the check says of these outputs."""
    number = next(_numbers)
    names = (f"bench-processed-{number}", f"bench-alerts-{number}")
    topics = Topics(server.bootstrap, PARTITIONS)
    topics.create_outputs(*names)
    producer = Producer({"bootstrap.servers": server.bootstrap})
    for name, values in zip(names, (processed, alerts), strict=True):
        for at, value in enumerate(values):
            producer.produce(name, value, partition=at % PARTITIONS)
    assert producer.flush(30) == 0
    outcome = Outcome(server.bootstrap)
    outcome.read(*names, {name: topics.ends(name) for name in names})
    topics.remove(names)
    return outcome.wrong(expected)


def test_right_outputs_are_right(kafka_server: KafkaServer, expected: Expected) -> None:
    assert judged(kafka_server, expected, *right_outputs()) is None


def _without_an_alert(processed: Values, alerts: Values) -> tuple[Values, Values]:
    return processed, alerts[1:]


def _without_a_price(processed: Values, alerts: Values) -> tuple[Values, Values]:
    return processed[:-1], alerts


def _with_one_twice(processed: Values, alerts: Values) -> tuple[Values, Values]:
    return [*processed[:-1], processed[0]], alerts


def _with_another_amount(processed: Values, alerts: Values) -> tuple[Values, Values]:
    changed = alerts[0].replace(b'"old_price":', b'"old_price":1')
    return processed, [changed, *alerts[1:]]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        pytest.param(_without_an_alert, "alerts:", id="an alert is missing"),
        pytest.param(_without_a_price, "kinds:", id="a price is missing"),
        pytest.param(_with_one_twice, "distinct ids:", id="one instead of another"),
        pytest.param(_with_another_amount, "cents dropped:", id="an amount is wrong"),
    ],
)
def test_wrong_outputs_are_found_out(
    kafka_server: KafkaServer,
    expected: Expected,
    spoil: Callable[[Values, Values], tuple[Values, Values]],
    says: str,
) -> None:
    said = judged(kafka_server, expected, *spoil(*right_outputs()))

    assert said is not None
    assert says in said


def test_records_between_two_places_are_counted(
    kafka_server: KafkaServer, expected: Expected
) -> None:
    """From where a mark stood to where another one stood."""
    ends = Topics(kafka_server.bootstrap, PARTITIONS).ends("bench-raw")
    begins = {partition: end // 2 for partition, end in ends.items()}

    counted = records_between(kafka_server.bootstrap, "bench-raw", begins, ends)

    assert counted == sum(ends.values()) - sum(begins.values())
