"""Ways in which outputs can be broken; each breaks one thing."""

from dataclasses import replace
from datetime import timedelta

from tests.audit.log import PARTITIONS
from tests.audit.story import Outputs, Stored


def edit(record: Stored, old: bytes, new: bytes) -> None:
    """Change a record's value in place."""
    assert record.value is not None
    assert old in record.value
    record.value = record.value.replace(old, new, 1)


def drop_processed(out: Outputs) -> None:
    del out.processed[1]


def double_processed(out: Outputs) -> None:
    out.processed.append(out.processed[1])


def change_price(out: Outputs) -> None:
    edit(out.processed[1], b'"price": 80.5', b'"price": 80.49')


def change_percent(out: Outputs) -> None:
    edit(out.processed[1], b'"change_percent": -19.5', b'"change_percent": -19.4')


def change_venue(out: Outputs) -> None:
    edit(out.processed[1], b"The Hall", b"The Wall")


def change_key(out: Outputs) -> None:
    out.processed[1].key = None


def move_partition(out: Outputs) -> None:
    out.processed[1].partition = (out.processed[1].partition + 1) % PARTITIONS


def break_json(out: Outputs) -> None:
    out.processed[1].value = b"{"


def invent_processed(out: Outputs) -> None:
    edit(out.processed[1], b'"id": "raw_prices-', b'"id": "raw_prices-0-999", "was": "')


def drop_alert(out: Outputs) -> None:
    out.alerts.clear()


def change_alert(out: Outputs) -> None:
    edit(out.alerts[0], b'"drop_amount": 19.5', b'"drop_amount": 19.6')


def alert_a_rise(out: Outputs) -> None:
    out.alerts.append(replace(out.alerts[0]))
    edit(out.alerts[1], _id(out, 1), _id(out, 5))


def _id(out: Outputs, at: int) -> bytes:
    row = out.history[at]
    return f"raw_prices-{row['raw_partition']}-{row['raw_offset']}".encode()


def drop_letter(out: Outputs) -> None:
    del out.dead[0]


def change_letter(out: Outputs) -> None:
    edit(out.dead[1], b"Floor", b"Flour")


def strip_letter(out: Outputs) -> None:
    out.dead[0].headers = ()


def delete_row(out: Outputs) -> None:
    del out.history[1]


def change_row(out: Outputs) -> None:
    out.history[1]["old_price"] += 1


def double_row(out: Outputs) -> None:
    later = out.history[1]["observed_at"] + timedelta(hours=1)
    out.history.append({**out.history[1], "observed_at": later})


def extra_row(out: Outputs) -> None:
    out.history.append({**out.history[1], "raw_offset": 10_000})


def row_of_no_partition(out: Outputs) -> None:
    out.history.append({**out.history[1], "raw_partition": PARTITIONS})


def delete_alert_row(out: Outputs) -> None:
    out.drop_alerts.clear()


def change_alert_row(out: Outputs) -> None:
    out.drop_alerts[0]["alert_timestamp"] += timedelta(milliseconds=1)
