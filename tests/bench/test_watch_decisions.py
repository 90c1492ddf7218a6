"""What was decided is read from the topic, and traced back to the price that led to it."""

from decimal import Decimal

import msgspec

from bench.arrivals import Arrival
from bench.watch_decisions import Place, causes, decided, raised
from conscope_app.alerting.watches.decisions import Decision
from conscope_app.alerting.watches.verdicts import Verdict
from tests.alerting.watches.stories import NOON

A_PLACE = Place(partition=3, offset=70)


def an_arrival(episode: str, verdict: Verdict, place: Place, at_ms: float) -> Arrival:
    decision = Decision(
        verdict=verdict,
        episode=episode,
        watch_id="w",
        watch_version=1,
        subject="evt",
        items=("A-1",),
        labels={},
        price=Decimal(90),
        was=None,
        currency="USD",
        basis="all_in",
        at=NOON,
        place=place.offset,
        reason="90 is at most 100",
    )
    return Arrival(place.partition, msgspec.json.encode(decision), at_ms)


def test_a_decision_is_traced_to_the_append_of_its_price() -> None:
    """By its place: the same offset in another partition is another price."""
    arrivals = [
        an_arrival("a", Verdict.RAISED, A_PLACE, 1_250),
        an_arrival("b", Verdict.RAISED, A_PLACE._replace(partition=4), 1_300),
    ]
    prices = {A_PLACE: "raw_prices-0-7", Place(4, 70): "raw_prices-1-7"}
    times = {"raw_prices-0-7": 1_000.0, "raw_prices-1-7": 1_100.0}

    led = causes(raised(arrivals), prices, times)

    assert {each.episode: each.at_ms - at for each, at in led.items()} == {"a": 250, "b": 200}


def test_only_the_beginning_of_an_alert_raises_it() -> None:
    verdicts = (Verdict.RAISED, Verdict.UPDATED, Verdict.OVER)
    arrivals = [an_arrival("a", verdict, A_PLACE, 1_250) for verdict in verdicts]

    assert [each.verdict for each in decided(arrivals)] == [*verdicts]
    assert [each.verdict for each in raised(arrivals)] == [Verdict.RAISED]


def test_what_time_alone_or_an_earlier_price_led_to_has_no_cause() -> None:
    arrivals = [
        an_arrival("tick", Verdict.RAISED, A_PLACE, 1_250),
        an_arrival("earlier", Verdict.RAISED, Place(3, 71), 1_250),
    ]

    assert causes(raised(arrivals), {Place(3, 71): "raw_prices-0-1"}, {}) == {}
