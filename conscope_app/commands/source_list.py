"""Polled sources for people and programs; whatever a vendor says, a terminal only sees text."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.core.printable import printable, printable_json
from conscope_app.store.sources.standings import OldestLook, PolledSource

_PIPED_WIDTH = 200  # where no terminal says how wide it is
_COLUMNS = ("source", "health", "since", "last answer", "events", "requests", "milestone")


def as_json_lines(found: Iterable[PolledSource]) -> Iterator[str]:
    """One JSON object a line."""
    for each in found:
        yield printable_json(msgspec.json.encode(each).decode())


def print_sources(found: list[PolledSource], now: datetime, out: IO[str]) -> None:
    """A table of them; below it, for each, what a line has no room for."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
    if not found:
        console.print("No source was ever polled.")
        return
    table = Table(*_COLUMNS)
    for each in found:
        table.add_row(*(Text(printable(cell)) for cell in _cells(each)))
    console.print(table)
    for each in found:
        for line in _more(each, now):
            console.print(Text(printable(f"{each.source}: {line}")), soft_wrap=True)


def _cells(each: PolledSource) -> tuple[str, ...]:
    health = each.health or "not polled yet"
    budget = "" if each.per_day is None else f" of {each.per_day:,}"
    return (
        each.source,
        health if each.worker is not None else "not polled",
        _moment(each.since),
        _moment(each.answered_at),
        f"{each.seen:,} of {each.usual:,}",
        f"{each.used:,}{budget}",
        _moment(each.next_milestone_at),
    )


def _more(each: PolledSource, now: datetime) -> Iterator[str]:
    if each.health is not None:
        was = "" if each.worker is not None else "when it was polled last: "
        yield f"{was}{each.health}, {each.reason}"
    told = "; watches were told that it is unhealthy" if each.told else ""
    yield ("no worker polls it" if each.worker is None else f"polled by {each.worker}") + told
    if each.round_at is not None:
        yield f"{each.round_events or 0:,} events in the round of {_moment(each.round_at)}"
    if each.breaker != "closed" or each.trouble is not None:
        until = "" if each.blocked_until is None else f" until {_moment(each.blocked_until)}"
        yield f"breaker {each.breaker}{until}: {each.trouble or 'it failed'}"
    if each.refused:
        newest = ", ".join(refusal.reason for refusal in each.refusals)
        yield f"{each.refused:,} requests were refused, the last ones: {newest}"
    for look in each.oldest:
        yield _oldest(look, now)


def _oldest(look: OldestLook, now: datetime) -> str:
    begin = "later" if look.within_days is None else f"within {look.within_days} days"
    never = f"; {look.unseen:,} were never seen" if look.unseen else ""
    if look.oldest_seen_at is None:
        return f"{look.events:,} events {begin}{never}"
    hours = (now - look.oldest_seen_at).total_seconds() / 3600
    return f"{look.events:,} events {begin}: the oldest look is {hours:,.1f} h old{never}"


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
