"""Watches and what they tell, for people and programs; a terminal only sees text."""

from collections.abc import Iterable
from typing import IO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.core.printable import printable, printable_json
from conscope_app.notify.announcement_wording import headline, summary
from conscope_app.store.watches.definitions import Stored
from conscope_app.store.watches.explaining import Explained
from conscope_app.store.watches.reading import file_schema
from conscope_app.store.watches.rehearsal import Rehearsed, Seen, Sent

_PIPED_WIDTH = 200  # where no terminal says how wide it is
_SUBJECTS_SHOWN = 3
_TIME = "%Y-%m-%d %H:%M:%S"
_encode = msgspec.json.Encoder(decimal_format="number").encode


def shown(text: str) -> str:
    """What somebody wrote, harmless for a terminal."""
    return printable(text)


def as_json(value: object) -> str:
    """One line of JSON."""
    return printable_json(_encode(value).decode())


def schema_text() -> str:
    """The JSON Schema as it stands in docs/watches.schema.json, without its last line end."""
    return msgspec.json.format(msgspec.json.encode(file_schema(), order="sorted")).decode()


def print_watches(found: Iterable[Stored], out: IO[str]) -> None:
    """A table of watches; those that workers have not been told of yet are marked."""
    console = _console(out)
    table = Table("id", "version", "name", "about", "channels", "changed", "")
    for stored in found:
        watch = stored.watch
        cells = (
            watch.id,
            str(watch.version),
            watch.name,
            _about(watch.what.subjects),
            ", ".join(watch.to.channels),
            f"{stored.changed_at:{_TIME}}",
            "" if stored.is_published else "not applied yet",
        )
        table.add_row(*(Text(printable(cell)) for cell in cells))
    if table.row_count:
        console.print(table)
    console.print(Text("1 watch" if table.row_count == 1 else f"{table.row_count} watches"))


def print_rehearsed(found: Rehearsed, out: IO[str]) -> None:
    """How many messages a watch would have sent, and which."""
    console = _console(out)
    edits = found.message_count - found.new_messages
    changed = f", and changed them {edits:,} times" if edits else ""
    console.print(
        Text(
            f"{found.watch_id}: {found.new_messages:,} messages{changed}, of {found.alerts:,}"
            f" alerts and {found.prices:,} prices, {found.since:{_TIME}} to {found.until:{_TIME}}"
        )
    )
    for sent in found.messages:
        for line in _message(sent):
            console.print(Text(printable(line)), soft_wrap=True)
    left = found.message_count - len(found.messages)
    if left:
        console.print(Text(f"… and {left:,} more"))


def print_explained(found: Explained, out: IO[str]) -> None:
    """What a watch found live, and what it made of each price."""
    console = _console(out)
    console.print(Text(f"{found.watch_id}, version {found.version}"))
    for episode in found.episodes:
        ended = "" if episode.over_at is None else f", over {episode.over_at:{_TIME}}"
        told = f"{episode.raised_at:{_TIME}} alert {episode.episode}: {episode.raised_reason}"
        console.print(Text(printable(f"{told}{ended}")), soft_wrap=True)
    for seen in found.run.traces:
        console.print(Text(printable(_trace(seen))), soft_wrap=True)
    left = found.run.trace_count - len(found.run.traces)
    if left:
        console.print(Text(f"… and {left:,} more"))
    if not found.run.trace_count:
        console.print(Text("It saw nothing in that time."))


def _message(sent: Sent) -> Iterable[str]:
    held = f" ({sent.held})" if sent.held else ""
    yield f"{sent.at:{_TIME}} {sent.channel}: {headline(sent.announcement)}{held}"
    for line in sent.announcement.lines:
        yield f"    {summary(line)}"


def _trace(seen: Seen) -> str:
    price = "" if seen.price is None else f" {seen.price}"
    return f"{seen.at:{_TIME}} {seen.item or seen.subject}{price}: {seen.sentence}"


def _about(subjects: tuple[str, ...]) -> str:
    if not subjects:
        return "all"
    more = len(subjects) - _SUBJECTS_SHOWN
    return ", ".join(subjects[:_SUBJECTS_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _console(out: IO[str]) -> Console:
    return Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
