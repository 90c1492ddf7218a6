"""The columns of `price_history` and `price_drop_alerts`, and the line that COPY reads of each row.

`is_plain` is as `copy_line` has it.
"""

from conscope_app.domains.tickets.records import PriceAlert, ProcessedPrice
from conscope_app.store.staging import copy_line

HISTORY_COLUMNS = (
    "raw_partition",
    "raw_offset",
    "observed_at",
    "recorded_at",
    "event_id",
    "source",
    "section",
    "row",
    "seat",
    "price",
    "fees",
    "total_price",
    "currency",
    "kind",
    "old_price",
    "change",
    "change_percent",
    "listing_id",
    "listing_url",
    "quantity",
    "delivery_method",
    "seller_notes",
)
ALERT_COLUMNS = (
    "raw_partition",
    "raw_offset",
    "id",
    "event_id",
    "event_name",
    "venue",
    "event_date",
    "source",
    "section",
    "row",
    "seat",
    "old_price",
    "new_price",
    "drop_amount",
    "drop_percent",
    "currency",
    "listing_url",
    "observed_at",
    "alert_timestamp",
    "decision",
)


def history_line(
    raw_partition: int,
    raw_offset: int,
    observed_at: str,
    recorded_at: str,
    price: ProcessedPrice,
    *,
    is_plain: bool,
) -> str:
    """A processed price in the order of `HISTORY_COLUMNS`."""
    return copy_line(
        (
            raw_partition,
            raw_offset,
            observed_at,
            recorded_at,
            price.event_id,
            price.source,
            price.section,
            price.row,
            price.seat,
            price.price,
            price.fees,
            price.total_price,
            price.currency,
            price.kind,
            price.old_price,
            price.change,
            price.change_percent,
            price.listing_id,
            price.listing_url,
            price.quantity,
            price.delivery_method,
            price.seller_notes,
        ),
        is_plain=is_plain,
    )


def alert_line(
    raw_partition: int,
    raw_offset: int,
    observed_at: str,
    alert_timestamp: str,
    alert: PriceAlert,
    decision: str,
    *,
    is_plain: bool,
) -> str:
    """An alert in the order of `ALERT_COLUMNS`."""
    return copy_line(
        (
            raw_partition,
            raw_offset,
            alert.id,
            alert.event_id,
            alert.event_name,
            alert.venue,
            alert.event_date,
            alert.source,
            alert.section,
            alert.row,
            alert.seat,
            alert.old_price,
            alert.new_price,
            alert.drop_amount,
            alert.drop_percent,
            alert.currency,
            alert.listing_url,
            observed_at,
            alert_timestamp,
            decision,
        ),
        is_plain=is_plain,
    )
