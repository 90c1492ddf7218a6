"""What a source sends of a poll whose offers have neither seats nor listings."""

from collections.abc import Iterable

from conscope_app.domains.tickets.records import PriceEvent
from conscope_app.domains.tickets.seat_key import is_unnamed

_Place = tuple[str, str, str, str, str]


def lowest_of_poll(events: Iterable[PriceEvent]) -> list[PriceEvent]:
    """The prices of one poll, in their order; of offers that nothing tells apart, the lowest.

    Nothing says which of them is which at the next poll: only their lowest price can be followed
    (docs/decisions/0013). Currencies are not compared with each other.
    """
    kept: list[PriceEvent] = []
    places: dict[_Place, int] = {}
    for event in events:
        if not is_unnamed(event.seat, event.listing_id):
            kept.append(event)
            continue
        place = (event.event_id, event.source, event.section, event.row, event.currency)
        at = places.setdefault(place, len(kept))
        if at == len(kept):
            kept.append(event)
        elif event.price < kept[at].price:
            kept[at] = event
    return kept
