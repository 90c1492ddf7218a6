"""An alert on its way to a channel."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAlert:
    """An alert that a channel has not been told of, with all that a message may say of it.

    `delivery_id` grows in the order in which alerts are to be told; `attempts` counts how often a
    message that held this alert failed. `id` is the id of the alert's record: it is the same
    however often the alert is told, so that a reader can recognise a repetition.
    """

    delivery_id: int
    attempts: int
    id: str
    event_id: str
    event_name: str
    venue: str
    source: str
    section: str
    row: str
    seat: str
    old_price: Decimal
    new_price: Decimal
    drop_amount: Decimal
    drop_percent: Decimal
    currency: str
    listing_url: str | None
    alert_timestamp: datetime
