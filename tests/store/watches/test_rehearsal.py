"""Dry runs over the stored history: what they tell is what the live system would have told."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import pytest

from conscope_app.alerting.watches.dry_run import Message, dry_run
from conscope_app.alerting.watches.verdicts import Verdict
from conscope_app.alerting.watches.watch import Watch
from conscope_app.domains.tickets.records import encode
from conscope_app.domains.tickets.watched import read_signal
from conscope_app.store.engine import Connection, Database
from conscope_app.store.watches.rehearsal import Asked, Rehearsed, rehearse
from tests.alerting.watches.stories import a_watch
from tests.alerting.watches.wishes import KINDS
from tests.store.ledgers import AT
from tests.store.watches.stored_prices import MINUTE, History

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)


async def tried(database: Database, watch: Watch, **options: Any) -> Rehearsed:
    """The dry run of a day from AT on, or what is said otherwise."""
    is_enough = options.pop("is_enough", lambda: False)
    asked = Asked(**{"watch": watch, "since": AT, "until": AT + DAY, **options})
    return await database.run(partial(rehearse, asked=asked, is_enough=is_enough))


def told(rehearsed: Rehearsed) -> list[tuple[str, list[str]]]:
    """Kinds and prices of the messages."""
    return [
        (each.announcement.kind, [str(line.price) for line in each.announcement.lines])
        for each in rehearsed.messages
    ]


def as_live(messages: list[Message]) -> list[tuple[Any, ...]]:
    """What is the same in both: when, where, which message, what it says."""
    return [
        (
            at,
            sent.channel,
            sent.message,
            sent.kind,
            [(tells.price, tells.over) for tells in sent.tells],
        )
        for at, sent in messages
    ]


@pytest.fixture(autouse=True)
async def _changes(database: Database) -> None:
    """Nothing has happened yet."""
    emptied = "TRUNCATE event_changes, market_now"
    await database.run(lambda connection: connection.cursor().execute(emptied))


async def happened(database: Database, *rows: tuple[Any, ...]) -> None:
    """Event, kind, moment, and what was before and is now."""

    def write(connection: Connection) -> None:
        with connection.cursor() as cursor:
            for number, (event_id, kind, at, old, new) in enumerate(rows):
                cursor.execute(
                    "INSERT INTO event_changes VALUES (%s, %s, 'tm', %s, 'said', %s, %s, NULL, %s)",
                    (f"id-{number}", event_id, kind, old, new, at),
                )
            cursor.execute(
                """INSERT INTO market_now (event_id, source, raw_partition, raw_offset,
                    observed_at, recorded_at, spoken, facts)
                VALUES ('evt', 'tm', 0, 0, %s, %s, '{}',
                    '{"venue": {"time_zone": "America/New_York"}}')""",
                (AT, AT),
            )

    await database.run(write)


async def test_what_happened_is_told(database: Database) -> None:
    """In its words, by the venue's clocks; prices are not read for it."""
    await History().price(90).store(database)
    await happened(
        database,
        ("evt", "on_sale", AT + MINUTE, "scheduled", "on_sale"),
        ("evt", "rescheduled", AT + 2 * MINUTE, "2027-05-03T23:30:00Z", "2027-05-04T23:30:00Z"),
        ("evt", "a later kind", AT + 2 * MINUTE, None, None),
        ("other", "cancelled", AT + 3 * MINUTE, None, "cancelled"),
        ("other", "on_sale", AT - MINUTE, None, None),
    )
    watch = a_watch(when={"happens": ["on_sale", "rescheduled"]})

    rehearsed = await tried(database, watch, traced=(AT, AT + DAY))

    lines = [line for each in rehearsed.messages for line in each.announcement.lines]
    assert [line.facts["happened"] for line in lines] == [
        "On sale now",
        "Moved from Mon 3 May 2027 19:30 to Tue 4 May 2027 19:30",
    ]
    assert rehearsed.traces[0].sentence == (
        "raised: on sale, old scheduled, new on_sale, time zone America/New_York, as tm says"
    )
    assert (rehearsed.prices, rehearsed.alerts) == (0, 2)


async def test_prices_and_what_happened_come_in_their_order(database: Database) -> None:
    history = History().price(120).price(90).wait(minutes=5).price(80)
    await history.store(database)
    event_id = history.records[0][0].event_id
    await happened(database, (event_id, "on_sale", AT + 4 * MINUTE, None, None))
    watch = a_watch(when={"happens": ["on_sale"], "target": {"at_most": 100}})

    rehearsed = await tried(database, watch)

    assert told(rehearsed) == [("raise", ["90"]), ("raise", ["None"]), ("edit", ["80"])]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_history_tells_what_the_records_would_have_told(
    database: Database, kind: str
) -> None:
    """For watches of every kind: the same messages as from the records themselves."""
    watch = a_watch(**KINDS[kind])
    history = History()
    seats = ("1", "2", "12-13")
    for number, amount in enumerate((140, 130, 95, 120, 85, 86, 60, 150, 84, 20, 90, 70) * 3):
        history.price(amount, seats[number % 3], row="AB"[number % 2]).wait(minutes=number)
    await history.store(database)
    signals = [
        read_signal(encode(price), place=place, recorded_at=at)
        for place, (price, at) in enumerate(history.records, 1)
    ]
    until = history.now + DAY

    rehearsed = await tried(database, watch, until=until)

    live = dry_run([watch], signals, until=until)
    sent = [
        (each.at, each.channel, each.announcement.message, each.announcement.kind)
        for each in rehearsed.messages
    ]
    lines = [
        [(line.price, line.over) for line in each.announcement.lines] for each in rehearsed.messages
    ]
    assert [(each[0], each[1], each[3], each[4]) for each in as_live(live.messages)] == [
        (*of[:2], of[3], said) for of, said in zip(sent, lines, strict=True)
    ]
    assert rehearsed.message_count == len(live.messages)
    assert rehearsed.prices == (len(signals) if watch.needs_prices else 0)
    assert rehearsed.is_complete


async def test_a_message_says_all_that_it_would_have_said(database: Database) -> None:
    """The event's name, the offer, and why."""
    await History().price(120, listing_id="l").price(80).store(database)

    rehearsed = await tried(database, a_watch(name="Cheap"))

    (sent,) = rehearsed.messages
    (line,) = sent.announcement.lines
    assert (sent.at, sent.channel, sent.held) == (AT + MINUTE, "default", "")
    assert (line.watch_name, line.currency) == ("Cheap", "USD")
    assert (line.price, line.was) == (Decimal(80), Decimal(80))
    assert line.facts == {
        "name": "Radiohead",
        "where": "Madison Square Garden",
        "date": "2026-12-24",
    }
    assert line.labels["section"] == "102"
    assert line.reason.startswith("raised")
    assert (rehearsed.alerts, rehearsed.new_messages) == (1, 1)


async def test_what_was_true_before_is_told_only_if_asked_for(database: Database) -> None:
    """The watch is made at the beginning, and knows the newest prices then."""
    history = History(AT - DAY).price(80)
    history.wait(days=1).price(81).price(120).price(79)
    await history.store(database)
    when = {"target": {"at_most": 100}}

    muted = await tried(database, a_watch())
    on_create = await tried(database, a_watch(when={**when, "on_create": True}))

    assert told(muted) == [("raise", ["79"])]
    assert told(on_create)[0] == ("raise", ["80"])


async def test_baselines_reach_back_before_the_beginning(database: Database) -> None:
    """A median of the days before, as a watch that is made live is told it."""
    history = History(AT - 5 * DAY)
    for _ in range(5):
        history.price(100).wait(days=1)
    history.price(100).price(91).price(85)
    await history.store(database)

    rehearsed = await tried(
        database, a_watch(when={"drop": {"percent": 10, "than": "median", "days": 10}})
    )

    assert told(rehearsed) == [("raise", ["85"])]
    assert rehearsed.prices == 3


async def test_a_watch_about_everything_is_tried_with_everything(database: Database) -> None:
    """Also with events that are new, and where nothing was known at the beginning."""
    history = History().price(80, event_id="x").price(70, event_id="y")
    await history.store(database)

    new = await tried(database, a_watch())
    known = await tried(database, a_watch(), since=AT + MINUTE / 2)
    one = await tried(database, a_watch(what={"subjects": ["y"]}))

    assert sorted(told(new)) == [("raise", ["70"]), ("raise", ["80"])]
    assert told(known) == [("raise", ["70"])]
    assert told(one) == [("raise", ["70"])]


async def test_traces_say_why(database: Database) -> None:
    """Those of the span that is asked for, so many at most; all are counted."""
    await History().prices([120, 110, 80, 70]).store(database)
    span = (AT + MINUTE, AT + 3 * MINUTE)

    some = await tried(database, a_watch(), traced=span)
    fewer = await tried(database, a_watch(), traced=span, most_traces=1)
    none = await tried(database, a_watch())

    assert [each.verdict for each in some.traces] == [Verdict.NOT_TRUE, Verdict.RAISED]
    assert [each.price for each in some.traces] == [110, 80]
    assert "110" in some.traces[0].sentence
    assert some.traces[0].subject == "evt-1"
    assert (fewer.trace_count, len(fewer.traces)) == (2, 1)
    assert (none.trace_count, none.traces) == (0, [])


async def test_of_many_messages_so_many_are_listed(database: Database) -> None:
    """The first ones; their number is that of all."""
    await History().prices([80, 120, 79, 120, 78]).store(database)

    rehearsed = await tried(database, a_watch(), most_messages=1)

    assert told(rehearsed) == [("raise", ["80"])]
    assert (rehearsed.message_count, rehearsed.new_messages) == (5, 3)


async def test_a_run_that_is_cut_short_says_how_far_it_came(database: Database) -> None:
    """So that nobody takes few messages for few alerts."""
    await History().prices([80, 120, 79]).store(database)
    asked: Iterator[int] = count()

    rehearsed = await tried(database, a_watch(), is_enough=lambda: next(asked) >= 2)

    assert (rehearsed.is_complete, rehearsed.until) == (False, AT + MINUTE)
    assert rehearsed.prices == 2


async def test_an_imported_history_is_tried_by_its_own_clock(database: Database) -> None:
    """Where all of it was recorded within a minute."""
    history = History()
    for days, amount in ((5, 120), (4, 80), (3, 120), (2, 75)):
        history.price(amount, timestamp=AT - days * DAY)
    await history.store(database)

    rehearsed = await tried(database, a_watch(), since=AT - 6 * DAY, until=AT, by="observed")

    assert [(each.at, each.announcement.kind) for each in rehearsed.messages] == [
        (AT - 4 * DAY, "raise"),
        (AT - 3 * DAY, "over"),
        (AT - 2 * DAY, "raise"),
    ]
