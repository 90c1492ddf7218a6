"""What is sent of a poll whose offers have neither seats nor listings."""

from decimal import Decimal
from typing import Any

import pytest

from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.sources.lowest import lowest_of_poll
from tests.factories import a_price

GA = {"seat": "GA", "row": ""}


def an_event(price: int, **fields: Any) -> PriceEvent:
    return PriceEvent(**a_price(price=Decimal(price), **fields))


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param([an_event(150, **GA), an_event(100, **GA)], [100], id="the lowest"),
        pytest.param([an_event(100, **GA), an_event(150, **GA)], [100], id="whichever comes first"),
        pytest.param(
            [an_event(150, **GA), an_event(90), an_event(100, **GA)], [100, 90], id="in its place"
        ),
        pytest.param(
            [an_event(150, **GA), an_event(100, **GA | {"section": "Lawn"})],
            [150, 100],
            id="of each section",
        ),
        pytest.param(
            [an_event(150, **GA), an_event(100, **GA, currency="EUR")],
            [150, 100],
            id="of each currency",
        ),
        pytest.param(
            [an_event(150, **GA, listing_id="l-1"), an_event(100, **GA, listing_id="l-2")],
            [150, 100],
            id="listings are told apart",
        ),
        pytest.param([an_event(150), an_event(100)], [150, 100], id="seats are told apart"),
        pytest.param([], [], id="nothing"),
    ],
)
def test_of_what_nothing_names_the_lowest_is_sent(
    events: list[PriceEvent], expected: list[int]
) -> None:
    assert [int(event.price) for event in lowest_of_poll(events)] == expected
