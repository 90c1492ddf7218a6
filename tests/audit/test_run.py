"""The audit on a real Kafka and a real Postgres finds what is broken there."""

import asyncio
from collections.abc import AsyncIterator
from io import StringIO

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from conscope_app.audit.printing import print_report
from conscope_app.audit.register import Fault
from conscope_app.audit.report import Report
from conscope_app.audit.run import CannotAudit, audit
from conscope_app.kafka.brokers import Brokers
from conscope_app.store.schema import price_history
from tests.audit import breaks
from tests.audit.story import PROCESSED, RAW, Place, outputs
from tests.audit.world import PARTITIONS, World, open_world

pytestmark = [pytest.mark.broker, pytest.mark.postgres]


@pytest.fixture
async def world(kafka_url: str, database_url: str) -> AsyncIterator[World]:
    """Empty topics and tables of this test's own."""
    brokers = Brokers.plain(kafka_url.removeprefix("kafka://"))
    async with open_world(brokers, database_url) as opened:
        yield opened


def faults(report: Report, world: World) -> list[tuple[str, str, str]]:
    """Place, fault and id of every finding, without the test's prefix."""
    return [
        (each.place.removeprefix(world.prefix), each.fault, each.id.removeprefix(world.prefix))
        for each in report.findings
    ]


def raw_id(place: Place) -> str:
    """The id of a raw record."""
    return f"raw_prices-{place.partition}-{place.offset}"


async def test_whole_outputs_are_clean_and_each_break_is_named(world: World) -> None:
    """One row deleted, one output doubled, one price changed, one alert lost, one row too many."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    await world.write(out)

    clean = await audit(world.scope())
    assert clean.findings == []
    assert (clean.records, clean.good, clean.notes) == (10, 7, [])
    assert [total.found for total in clean.totals] == [7, 1, 2, 1, 7, 1, *[0] * 7]

    first, cheaper, older = places["first"], places["cheaper"], places["older"]
    await world.send([out.processed[0]])
    world.execute(f"DELETE FROM price_history WHERE {_where(first)}")
    world.execute(f"UPDATE price_history SET price = price + 0.01 WHERE {_where(older)}")
    world.execute(f"DELETE FROM price_drop_alerts WHERE {_where(cheaper)}")
    world.store(
        price_history,
        [{**out.history[1], "raw_offset": 500}, {**out.history[1], "raw_partition": 77}],
    )
    report = await audit(world.scope())

    assert not report.clean
    assert set(faults(report, world)) == {
        ("processed_prices", "doubled", raw_id(first)),
        ("price_history", "missing", raw_id(first)),
        ("price_history", "unexpected", f"raw_prices-{cheaper.partition}-500"),
        ("price_history", "unexpected", f"raw_prices-77-{cheaper.offset}"),
        ("price_history", "wrong", raw_id(older)),
        ("price_drop_alerts", "missing", raw_id(cheaper)),
    }
    assert len(report.findings) == 6
    wrong = [each.detail for each in report.findings if each.fault is Fault.WRONG]
    assert wrong == ["price is 90.01, not 90"]


def _where(place: Place) -> str:
    return f"raw_partition = {place.partition} AND raw_offset = {place.offset}"


async def test_lost_and_changed_outputs_in_kafka_are_named(world: World) -> None:
    """A processed price is lost, an alert says another amount."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    del out.processed[0]
    breaks.change_alert(out)
    await world.write(out)
    report = await audit(world.scope())

    assert faults(report, world) == [
        ("processed_prices", "missing", raw_id(places["first"])),
        ("price_alerts", "wrong", raw_id(places["cheaper"])),
    ]
    assert report.findings[1].detail == "drop_amount is 19.6, not 19.5"


async def test_what_was_rolled_back_counts_for_nothing(world: World) -> None:
    """An aborted transaction doubles nothing, and its markers stop no reader."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    await world.write(out)
    producer = AIOKafkaProducer(
        **world.brokers.client_options, transactional_id=f"{world.prefix}rolled-back"
    )
    async with producer:
        for topic in (PROCESSED, RAW):
            await producer.begin_transaction()
            await producer.send_and_wait(
                f"{world.prefix}{topic}", out.processed[0].value, partition=0
            )
            await producer.abort_transaction()

    assert (await audit(world.scope())).clean


async def test_what_is_on_its_way_is_waited_for(world: World) -> None:
    """Outputs that arrive while the audit waits are not missing."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    waiting = asyncio.Event()

    def tell(stage: str) -> None:
        if stage.startswith("waiting"):
            waiting.set()

    auditing = asyncio.create_task(audit(world.scope(wait_s=60.0), tell))
    await waiting.wait()
    assert not auditing.done()
    await world.write(out)

    assert (await auditing).findings == []


async def test_what_retention_removed_is_said(world: World) -> None:
    """The rest is audited; how many records could only be checked weakly is told."""
    places = await world.tell_the_story()
    await world.write(outputs(places, world.prefix))
    first = places["first"]
    admin = AIOKafkaAdminClient(**world.brokers.client_options)
    await admin.start()
    try:
        cut = TopicPartition(f"{world.prefix}{RAW}", first.partition)
        await admin.delete_records({cut: RecordsToDelete(before_offset=first.offset + 1)})
    finally:
        await admin.close()
    report = await audit(world.scope())

    assert report.findings == []
    assert report.records == 9
    assert "Retention has removed a part" in report.notes[0]
    assert "1 records of seats first seen" in report.notes[0]


async def test_one_partition_can_be_audited_alone(world: World) -> None:
    """Faults elsewhere are not its business; copies are left out, and that is said."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    home = places["first"].partition
    out.processed = [each for each in out.processed if each.partition == home]
    await world.write(out)

    alone = await audit(world.scope(chosen=frozenset({home})))
    assert alone.findings == []
    assert alone.notes == ["Re-keyed copies are compared only where all partitions are audited."]

    assert not (await audit(world.scope())).clean


async def test_other_partition_counts_cannot_be_audited(world: World) -> None:
    """With another count every key would seem to be in the wrong partition."""
    with pytest.raises(CannotAudit, match=f"has {PARTITIONS} partitions; 5 partitions are set"):
        await audit(world.scope(partitions=5))

    with pytest.raises(CannotAudit, match="partitions 0 to 2, not"):
        await audit(world.scope(chosen=frozenset({7})))


async def test_what_came_of_market_snapshots_is_audited_with_the_prices(world: World) -> None:
    """Lost, foreign and changed rows are named; so is a processed market that came twice."""
    log = await world.tell_of_markets()
    clean = await audit(world.scope())
    assert clean.findings == []
    assert (clean.records, clean.snapshots, clean.good_snapshots) == (0, 4, 3)
    assert [total.found for total in clean.totals[6:]] == [3, 1, 0, 3, 3, 3, 1]

    new, changed = (f"{row['raw_partition']}-{row['raw_offset']}" for row in log.history[:2])
    await world.send([log.processed[0]])
    world.execute(f"DELETE FROM event_changes WHERE id LIKE '%{changed}-0'")
    world.execute("UPDATE event_changes SET old_value = 'x' WHERE kind = 'rescheduled'")
    world.execute("UPDATE market_now SET facts = facts - 'local_time'")
    world.execute("UPDATE market_history SET raw_offset = 500 WHERE kind = 'new'")
    report = await audit(world.scope())

    moved = log.changes[1]["id"].removeprefix(world.prefix)
    assert set(faults(report, world)) == {
        ("processed_markets", "doubled", f"market_snapshots-{new}"),
        ("market_history", "missing", f"market_snapshots-{new}"),
        ("market_history", "unexpected", f"market_snapshots-{new.split('-')[0]}-500"),
        ("event_changes", "missing", f"market_snapshots-{changed}-0"),
        ("event_changes", "wrong", moved),
        ("market_now", "wrong", moved.removesuffix("-0")),
    }
    assert not report.clean
    details = [each.detail for each in report.findings if each.fault is Fault.WRONG]
    assert details[0] == "old_value is x, not 2027-05-15T17:00:00Z"
    assert details[1].startswith("facts is ")


async def test_a_report_reads_well_on_a_pipe(world: World) -> None:
    """Totals, the ids, how many are not shown, and the verdict, without a terminal's colours."""
    places = await world.tell_the_story()
    out = outputs(places, world.prefix)
    out.history.clear()
    await world.write(out)
    written = StringIO()
    print_report(await audit(world.scope(limit=2)), written)
    text = written.getvalue()

    assert "10 raw prices audited, 7 of them good, in 3 partitions." in text
    assert "0 market snapshots audited, 0 of them good, in 3 partitions." in text
    assert f"price_history  missing  {world.prefix}{raw_id(places['keyless'])}" not in text
    assert text.count("price_history  missing  ") == 2
    assert "… and 5 more; --limit shows more of each kind." in text
    assert text.endswith("Not clean: 7 faults.\n")
    assert "\x1b" not in text
