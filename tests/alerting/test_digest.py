from decimal import Decimal

from conscope_app.alerting.digest import EventCount, summarise
from tests.notify.alerts import an_alert


def test_a_digest_counts_by_event_most_drops_first() -> None:
    """Each event with its newest name and its largest drop."""
    digest = summarise(
        [
            an_alert(1, event_id="a", event_name="Old name", drop_percent=Decimal(30)),
            an_alert(2, event_id="b", event_name="B", drop_percent=Decimal(50)),
            an_alert(3, event_id="a", event_name="New name", drop_percent=Decimal(10)),
        ],
        name_largest=2,
    )

    assert digest.drops == 3
    assert digest.events == (
        EventCount("a", "New name", 2, Decimal(30)),
        EventCount("b", "B", 1, Decimal(50)),
    )


def test_a_digest_names_the_largest_drops_and_where_it_begins_and_ends() -> None:
    """The ids let an operator find every alert that was folded."""
    folded = [an_alert(number, drop_percent=Decimal(number)) for number in range(1, 6)]
    digest = summarise(folded, name_largest=2)

    assert [alert.delivery_id for alert in digest.largest] == [5, 4]
    assert (digest.first_id, digest.last_id) == ("raw_prices-0-1", "raw_prices-0-5")
