"""Plain price drops as people look at them: filtered, in pages, and whether they were told."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from conscope_app.store.alerts.drop_search import DropFilter, State
from conscope_app.store.alerts.drops import Drop, DropPage, get_drop, list_drops
from conscope_app.store.engine import Database
from tests.store.alerts.stored_drops import NOON, Drops, plans_of
from tests.store.ledgers import Tables

pytestmark = pytest.mark.postgres

HOSTILE = "O'Neill \\ & | ! : * <-> 'a':*"


@pytest.fixture
def drops(tables: Tables) -> Drops:
    return Drops(tables)


async def page(database: Database, **asked: Any) -> DropPage:
    """What is found."""
    return await database.run(partial(list_drops, asked=DropFilter(**asked)))


async def offsets(database: Database, **asked: Any) -> list[int]:
    """The offsets of what is found."""
    return [int(each.id.rsplit("-", 1)[1]) for each in (await page(database, **asked)).drops]


async def one(database: Database, alert_id: str) -> Drop | None:
    """The alert of that id."""
    return await database.run(partial(get_drop, alert_id=alert_id))


async def test_every_filter_takes_what_it_says(database: Database, drops: Drops) -> None:
    """And all hold together; the newest first."""
    drops.market("evt-1", "Radiohead")
    drops.market("evt-2", "Radio Nowhere")
    drops.drop(1)
    drops.drop(2, event_id="evt-2", drop_percent=50)
    drops.drop(3, decision="below_minimum_drop", drop_percent=2)
    drops.drop(4)
    drops.delivery(1, "sent")
    drops.delivery(1, "dead", channel="email")
    drops.delivery(2, "waiting")
    drops.delivery(4, "dead")

    assert await offsets(database) == [4, 3, 2, 1]
    assert await offsets(database, event="evt-2") == [2]
    assert await offsets(database, words="radio") == [4, 3, 2, 1]
    assert await offsets(database, words="nowh hall") == [2]
    assert await offsets(database, words="nowh", event="evt-1") == []
    assert await offsets(database, channel="discord") == [4, 2, 1]
    assert await offsets(database, channel="email", state="told") == []
    assert await offsets(database, state="told") == [1]
    assert await offsets(database, state="waiting") == [2]
    assert await offsets(database, state="waiting", event="evt-1") == []
    assert await offsets(database, state="given_up") == [4, 1]
    assert await offsets(database, state="given_up", channel="email") == [1]
    assert await offsets(database, state="held") == [3]
    assert await offsets(database, percent=Decimal(20)) == [4, 2, 1]
    two, four = NOON + timedelta(minutes=2), NOON + timedelta(minutes=4)
    assert await offsets(database, since=two, until=four, percent=Decimal(20)) == [2]


@pytest.mark.parametrize("words", [HOSTILE, "", "!!!", "%", "\U0001f600", "x" * 3_000])
async def test_words_are_no_query(database: Database, drops: Drops, words: str) -> None:
    """Whatever somebody types is looked for, or fits nothing."""
    drops.market("evt-1", HOSTILE)
    drops.drop(1)

    assert await offsets(database, words=words) == ([1] if words == HOSTILE else [])


async def test_of_too_many_events_those_that_dropped_last_are_looked_at(
    database: Database, drops: Drops
) -> None:
    """And that is said."""
    for number in range(101):
        drops.market(f"e{number}", "Same", last_drop_at=NOON + timedelta(minutes=number))
        drops.drop(number, event_id=f"e{number}")
    found = await page(database, words="same", limit=200)

    assert len(found.drops) == 100
    assert found.drops[-1].event_id == "e1"
    assert found.is_cut


@pytest.mark.parametrize(
    "asked", [{}, {"event": "evt-1"}, {"state": "waiting"}, {"percent": Decimal(1)}]
)
async def test_pages_go_on_where_they_ended(
    database: Database, drops: Drops, asked: dict[str, Any]
) -> None:
    """Also between alerts of one moment, and where newer ones came meanwhile."""
    for number in range(5):
        drops.drop(number, alert_timestamp=NOON)
        drops.delivery(number, "waiting")
    first = await page(database, limit=2, **asked)
    drops.drop(9)
    second = await page(database, limit=2, after=first.next, **asked)
    third = await page(database, limit=2, after=second.next, **asked)

    shown = [each.id[-1] for part in (first, second, third) for each in part.drops]
    assert shown == ["4", "3", "2", "1", "0"]
    assert third.next is None
    assert third.searched_to is None


async def test_a_delivery_says_what_was_tried(database: Database, drops: Drops) -> None:
    """How often, the last error, when it is tried again, and which message told it."""
    later = NOON.replace(year=2100)
    drops.drop(1)
    drops.delivery(1, "waiting", attempts=3, last_error="away", next_attempt_at=later)
    drops.delivery(1, "sent", channel="email", attempts=1, message_id="77", sent_at=NOON)
    drops.target("discord", disabled_at=NOON, disabled_reason="f00d answered 404")
    found = await one(database, "raw_prices-3-1")

    assert found is not None
    told, waits = found.deliveries
    assert (told.channel, told.status, told.message, told.sent_at) == ("email", "sent", "77", NOON)
    assert (waits.attempts, waits.last_error, waits.next_attempt_at) == (3, "away", later)
    assert (waits.switched_off_at, waits.switched_off_reason) == (NOON, "answered 404")


@pytest.mark.parametrize(
    "alert_id",
    ["raw_prices-3-2", "other-3-1", "raw_prices-3-01", "x", "a-b-c", f"raw_prices-3-{2**64}"],
)
async def test_what_is_no_alert_is_not_found(
    database: Database, drops: Drops, alert_id: str
) -> None:
    """Neither is another spelling of one."""
    drops.drop(1)

    assert await one(database, alert_id) is None


async def test_every_page_goes_by_an_index(database: Database, drops: Drops) -> None:
    """However many there are, and what is rare is not looked for among all."""
    drops.many(10_100)
    plans = {
        index: await plans_of(database, partial(list_drops, asked=DropFilter(**asked)))
        for index, asked in (
            ("price_drop_alerts_newest", {"until": NOON - timedelta(minutes=9)}),
            ("price_drop_alerts_held", {"state": "held"}),
            ("price_drop_alerts_held_of_event", {"state": "held", "words": "hall"}),
            ("deliveries_waiting", {"state": "waiting"}),
            ("deliveries_given_up", {"state": "given_up", "channel": "discord"}),
            ("price_drop_alerts_event", {"event": "evt-7"}),
            ("event_markets_search", {"words": "event 7"}),
            ("deliveries_alert_channel", {"state": "told", "percent": Decimal(39)}),
        )
    }

    assert [index for index, plan in plans.items() if index not in "".join(plan)] == []
    assert [plan for each in plans.values() for plan in each if "Seq Scan" in plan] == []


async def test_a_search_goes_as_far_as_its_window_and_says_where_it_ended(
    database: Database, drops: Drops
) -> None:
    """The next page goes on there."""
    drops.many(10_100)
    first = await page(database, percent=Decimal(90))
    second = await page(database, percent=Decimal(90), after=first.next)
    state: State = "told"
    full = await page(database, state=state, limit=2)

    assert (first.drops, first.searched_to) == ([], NOON - timedelta(seconds=500))
    assert second == DropPage([], None, None, is_cut=False)
    assert (len(full.drops), full.searched_to) == (2, None)


async def test_a_search_in_several_events_shares_the_window(
    database: Database, drops: Drops, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left out and nothing comes twice, whichever of them has more."""
    monkeypatch.setattr("conscope_app.store.alerts.search.WINDOW", 33)  # three of each event
    drops.many(3_000)
    for number in range(3):
        drops.drop(number, event_id="evt-7")
    asked = {"words": "event 7", "percent": Decimal(20)}  # of the eleven, all but the old of evt-7
    found = await page(database, **asked, limit=4)
    seen, looks = [each.id for each in found.drops], 1
    while found.next is not None:
        found = await page(database, **asked, limit=4, after=found.next)
        seen += [each.id for each in found.drops]
        looks += 1

    assert looks > 103 / 4
    assert len(seen) == len(set(seen)) == 103
    assert seen[:3] == [f"raw_prices-3-{number}" for number in (2, 1, 0)]
