"""Dead letters for people and programs; whatever their bytes hold, a terminal only sees text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conscope_app.core.clock import from_epoch_ms
from conscope_app.core.printable import printable, printable_json
from conscope_app.stream.replay import NotSent, Sent
from conscope_app.stream.shelf import Shelved

_PIPED_WIDTH = 200  # where no terminal says how wide it is

_FIRST_BYTES = 80
_FIRST_CHARACTERS = 200


safe = printable


def first_bytes(value: bytes | None) -> str:
    """The beginning of a value as one line of harmless text."""
    if value is None:
        return "(no value)"
    beginning = safe(value[:_FIRST_BYTES].decode("utf-8", "backslashreplace"))
    return beginning if len(value) <= _FIRST_BYTES else f"{beginning}… ({len(value)} bytes)"


def described(shelved: Shelved) -> dict[str, Any]:
    """One dead letter as a JSON object."""
    record, letter, replayed = shelved
    return {
        "id": str(letter.origin),
        "at": from_epoch_ms(record.timestamp),
        "reason": letter.reason,
        "message": letter.message,
        "stage": letter.stage,
        "connector": letter.connector,
        "replayed": replayed,
        "partition": record.partition,
        "offset": record.offset,
        "cut": letter.cut,
        "begins": first_bytes(record.value),
    }


def as_json_lines(letters: Sequence[Shelved]) -> Iterator[str]:
    """One JSON object a line."""
    for shelved in letters:
        yield printable_json(msgspec.json.encode(described(shelved)).decode())


def print_letters(letters: Sequence[Shelved], total: int, foreign: int, out: IO[str]) -> None:
    """A table of letters, then how many there are of each reason."""
    console = Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
    table = Table("id", "at", "reason", "message", "begins", "replayed")
    for shelved in letters:
        table.add_row(*map(Text, _cells(shelved)))
    if letters:
        console.print(table)
    counts = Counter(safe(shelved.letter.reason) for shelved in letters)
    by_reason = ", ".join(f"{reason} {count}" for reason, count in counts.most_common())
    console.print(Text(f"{len(letters)} of {total} dead letters" + f": {by_reason}" * bool(counts)))
    if foreign:
        console.print(f"{foreign} records in the topic are no dead letters.")


def print_replay(
    sent: Sequence[Sent], not_sent: Sequence[NotSent], verb: str, out: IO[str]
) -> None:
    """What a replay sends, a line each, and what it does not, with the reason."""
    console = Console(
        file=out, highlight=False, soft_wrap=True, width=None if out.isatty() else _PIPED_WIDTH
    )
    for letter in sent:
        origin = letter.shelved.letter.origin
        console.print(Text(f"{verb} {safe(str(origin))}: {first_bytes(letter.value)}"))
    for shelved, why in not_sent:
        console.print(Text(f"left {safe(str(shelved.letter.origin))}: {safe(why)}", "yellow"))
    console.print(f"{verb} {len(sent)}, left {len(not_sent)}")


def _cells(shelved: Shelved) -> tuple[str, ...]:
    record, letter, replayed = shelved
    return (
        safe(str(letter.origin)),
        f"{from_epoch_ms(record.timestamp):%Y-%m-%d %H:%M:%S}",
        safe(letter.reason),
        safe(letter.message[:_FIRST_CHARACTERS]),
        first_bytes(record.value),
        "yes" if replayed else "",
    )
