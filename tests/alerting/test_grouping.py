from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from conscope_app.alerting.grouping import Limits, Message, choose
from conscope_app.alerting.waiting import WaitingAlert
from tests.notify.alerts import alerts, an_alert

LIMITS = Limits(alerts=10, characters=6_000, digest_characters=2_000)


def weigh_400(_: WaitingAlert) -> int:
    return 400


def numbers(of: tuple[WaitingAlert, ...]) -> list[int]:
    return [alert.delivery_id for alert in of]


def test_what_fits_one_message_is_shown_in_full_and_in_order() -> None:
    """Three alerts, one message, no digest."""
    message = choose(alerts(3), places_left=1, limits=LIMITS, weigh=weigh_400)

    assert message == Message(alerts(3))
    assert not message.is_digest


def test_ten_alerts_at_most_go_into_a_message() -> None:
    """The first ten: the others follow in the next, as there are places left."""
    message = choose(alerts(25), places_left=3, limits=LIMITS, weigh=weigh_400)

    assert numbers(message.shown) == list(range(1, 11))
    assert not message.is_digest


def test_long_alerts_make_shorter_messages() -> None:
    """At most as many characters as a message can hold."""
    message = choose(alerts(10), places_left=1, limits=LIMITS, weigh=lambda _: 2_500)

    assert numbers(message.shown) == [1, 2]
    assert not message.is_digest


def test_an_alert_that_is_too_long_alone_is_still_tried() -> None:
    """A message without any alert would never get on."""
    message = choose(alerts(2), places_left=1, limits=LIMITS, weigh=lambda _: 9_000)

    assert numbers(message.shown) == [1]


def test_more_than_the_places_left_can_hold_is_folded_into_one_message() -> None:
    """Twenty-one alerts, two places: all of them go into the next message."""
    message = choose(alerts(21), places_left=2, limits=LIMITS, weigh=weigh_400)

    assert message.is_digest
    assert len(message.shown) == 9
    assert len(message.alerts) == 21


def test_a_digest_shows_the_largest_drops_first() -> None:
    """The best prices in full, the others counted in the order in which they waited."""
    queue = tuple(an_alert(n, drop_percent=Decimal(n % 15)) for n in range(1, 31))
    message = choose(queue, places_left=1, limits=LIMITS, weigh=weigh_400)

    assert [int(alert.drop_percent) for alert in message.shown] == [
        14,
        14,
        13,
        13,
        12,
        12,
        11,
        11,
        10,
    ]
    assert numbers(message.shown)[:2] == [14, 29]
    assert numbers(message.folded) == sorted(numbers(message.folded))


@given(
    count=st.integers(1, 120),
    places_left=st.integers(1, 8),
    weights=st.lists(st.integers(1, 3_000), min_size=120, max_size=120),
)
def test_nothing_is_lost_or_told_twice_whatever_waits(
    count: int, places_left: int, weights: list[int]
) -> None:
    """Message by message, a queue comes out whole, and each message keeps the limits."""
    queue = list(alerts(count))
    told: list[int] = []
    while queue:
        message = choose(
            queue,
            places_left=places_left,
            limits=LIMITS,
            weigh=lambda alert: weights[alert.delivery_id - 1],
        )
        some = sorted(numbers(message.alerts))
        told += some
        assert some == [alert.delivery_id for alert in queue[: len(some)]]
        assert len(message.shown) + message.is_digest <= LIMITS.alerts
        room = LIMITS.characters - (LIMITS.digest_characters if message.is_digest else 0)
        weight = sum(weights[number - 1] for number in numbers(message.shown))
        assert weight <= room or len(message.shown) == 1
        del queue[: len(some)]

    assert told == list(range(1, count + 1))
