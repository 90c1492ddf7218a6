"""Deliveries for people and programs; whatever an event is called, a terminal only sees text."""

from collections.abc import Iterator
from typing import IO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.core.printable import printable, printable_json
from conscope_app.store.deliveries import Listed, NotTold

_PIPED_WIDTH = 200  # where no terminal says how wide it is


def as_json_lines(found: NotTold) -> Iterator[str]:
    """One JSON object a line."""
    for listed in found.listed:
        yield printable_json(msgspec.json.encode(listed).decode())


def print_deliveries(found: NotTold, out: IO[str]) -> None:
    """A table of deliveries, how many there are of each kind, and what is switched off."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
    table = Table("id", "channel", "status", "attempts", "since", "event", "price", "error")
    for listed in found.listed:
        table.add_row(*(Text(printable(cell)) for cell in _cells(listed)))
    if found.listed:
        console.print(table)
    for each in found.counted:
        console.print(Text(f"{printable(each.channel)}: {each.count} {each.status}"))
    if not found.counted:
        console.print("Nothing waits, and nothing was given up.")
    for off in found.switched_off:
        since = f"{off.disabled_at:%Y-%m-%d %H:%M:%S}"
        # The first word is the fingerprint of the address that it was switched off for.
        why = printable(off.disabled_reason.partition(" ")[2])
        line = f"{printable(off.channel)} is switched off since {since}: {why}"
        console.print(Text(line, "yellow"), soft_wrap=True)


def _cells(listed: Listed) -> tuple[str, ...]:
    seat = " ".join(part for part in (listed.section, listed.row, listed.seat) if part)
    return (
        listed.id,
        listed.channel,
        listed.status,
        str(listed.attempts),
        f"{listed.created_at:%Y-%m-%d %H:%M:%S}",
        f"{listed.event_name}, {seat}" if seat else listed.event_name,
        f"{listed.old_price:f} → {listed.new_price:f} {listed.currency}",
        listed.last_error or "",
    )
