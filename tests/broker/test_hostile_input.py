"""What strangers send: each record ends in its place, and the pipeline goes on."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from tests.broker.pipeline import Pipeline, eventually
from tests.factories import a_record, a_value

pytestmark = pytest.mark.broker

HOSTILE_NAME = "<img src=x onerror=alert(1)> @everyone '; DROP TABLE events; --"


def send(pipeline: Pipeline, records: list[tuple[bytes | None, bytes | None]]) -> None:
    """Publish as a foreign producer would: any key, any bytes."""

    async def publish() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=pipeline.kafka_url.removeprefix("kafka://")
        ) as producer:
            for key, value in records:
                # A batch of its own: `send` refuses a record without key and value.
                batch = producer.create_batch()
                batch.append(key=key, value=value, timestamp=None)
                await (await producer.send_batch(batch, "raw_prices", partition=0))

    asyncio.run(publish())


def letters(pipeline: Pipeline) -> list[dict[str, Any]]:
    listed = pipeline.run("dead-letters", "list", "--json", "--limit", "10000")
    return [json.loads(line) for line in listed.stdout.splitlines() if line.startswith("{")]


def test_poison_is_kept_with_its_reason_and_the_rest_goes_on(pipeline: Pipeline) -> None:
    """No JSON, wrong types, empty, null: dead letters; the good record among them is a row."""
    worker = pipeline.worker("w1").start().until_ready()
    good = a_record(event_name=HOSTILE_NAME)

    send(
        pipeline,
        [
            (b"k", b"not json"),
            (b"k", b""),
            (b"k", None),
            (None, None),
            (b"k", b"\xff\xfe\x00"),
            (b"k", a_value(price=0)),
            (b"k", a_value(timestamp="0001-01-01T00:00:00Z")),
            (b"k", b"[" * 100_000),
            (b"k", b'{"event_id": "' + b"x" * 900_000 + b'"}'),
            (good.key, good.value),
        ],
    )

    eventually(lambda: pipeline.count("price_history") == 1, what="the good record")
    pipeline.audit()
    assert sorted(letter["reason"] for letter in letters(pipeline)) == sorted(
        [
            "not_json",
            "not_json",
            "no_value",
            "no_value",
            "not_json",
            "bad_price",
            "bad_timestamp",
            "wrong_type",
            "too_long",
        ]
    )
    assert pipeline.query("SELECT event_name FROM events") == [(HOSTILE_NAME,)]
    assert worker.get("/api/v1/stats")["totals"]["dead"] == 9


def test_a_foreign_key_is_put_right(pipeline: Pipeline) -> None:
    """No key, another key, a right key in another partition: compared where their seat belongs."""
    pipeline.worker("w1").start().until_ready()
    seats = [a_record(seat=str(at), price=Decimal(100)) for at in range(6)]

    send(pipeline, [(None, seats[0].value), (b"theirs", seats[1].value)])
    send(pipeline, [(seat.key, seat.value) for seat in seats[2:]])
    eventually(lambda: pipeline.count("price_history") == 6, what="first prices")
    send(pipeline, [(b"other", a_value(seat=str(at), price=Decimal(90))) for at in range(6)])

    eventually(lambda: pipeline.count("price_drop_alerts") == 6, what="all drops")
    pipeline.audit()
    pipeline.until_told()
    assert pipeline.told().total() == 6


def test_a_repaired_dead_letter_is_replayed_once(pipeline: Pipeline) -> None:
    """`dead-letters replay --set` sends it back, repaired; a second replay sends nothing."""
    pipeline.worker("w1").start().until_ready()
    send(pipeline, [(b"k", a_value(price=0))])
    eventually(lambda: len(letters(pipeline)) == 1, what="the dead letter")

    pipeline.run("dead-letters", "replay", "--all", "--set", "price=55.50")
    eventually(lambda: pipeline.count("price_history") == 1, what="the repaired record")
    again = pipeline.run("dead-letters", "replay", "--all", "--set", "price=55.50", expect=None)

    assert "replayed before" in again.stdout + again.stderr
    pipeline.audit()
    assert pipeline.query("SELECT price FROM price_history") == [(Decimal("55.50"),)]


def test_a_flood_of_bad_records_stops_the_worker_with_a_clear_message(pipeline: Pipeline) -> None:
    """Over half of the last thousand: exit code 78, also after a restart, until it is allowed."""
    worker = pipeline.worker("w1").start().until_ready()

    send(pipeline, [(b"k", b"bad")] * 700)

    assert worker.process.wait(timeout=60) == 78
    assert "of the last thousand records of raw_prices-0 are bad" in worker.log
    before = len(letters(pipeline))
    assert before <= 500
    assert worker.start().process.wait(timeout=60) == 78
    assert len(letters(pipeline)) == before

    patient = pipeline.worker("patient", CONSCOPE_DEAD_LETTER_LIMIT="1").start().until_ready()
    eventually(lambda: patient.processed() == 700, what="everything in the dead letters")
    pipeline.audit()
    assert len(letters(pipeline)) == 700
