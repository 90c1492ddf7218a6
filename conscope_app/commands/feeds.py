"""`faust -A conscope_app feeds`: what a feed's file says, before anything runs."""

from pathlib import Path
from typing import IO

import click
from faust.cli import argument, option
from rich.console import Console
from rich.text import Text

from conscope_app import app
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.core.clock import EPOCH, utc_now
from conscope_app.core.printable import printable
from conscope_app.domains.tickets.records import encode
from conscope_app.sources.adapter import Answer, Misread, Reading, Request
from conscope_app.sources.feeds.adapter import FeedAdapter
from conscope_app.sources.feeds.entry import Key, schema_text
from conscope_app.sources.feeds.file import read_feed
from conscope_app.sources.feeds.problems import BadFeed

DONE, NOT_ALL, UNUSABLE = 0, 1, 2
SHOWN = 20
_PIPED_WIDTH = 200
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@app.command(
    argument("action", type=click.Choice(["check", "schema"])),
    argument("path", metavar="FILE", type=_FILE, required=False),
    option(
        "--against",
        type=_FILE,
        metavar="PAYLOAD",
        help="check: a file with an answer's body; shows what would be made of it.",
    ),
    base=ExitCodeCommand,
)
async def feeds(self: ExitCodeCommand, action: str, path: Path | None, against: Path | None) -> int:
    """Check the YAML FILE of a feed, and what it makes of an answer; nothing is sent or asked.

    `schema` prints the JSON Schema of such a file.

    Exit code: 0 all is well; 1 items of the answer are refused; 2 the file cannot be used, or the
    answer has another shape.
    """
    if (path is None) is (action == "check"):
        raise click.UsageError(f"{action} takes {'a file' if path is None else 'nothing else'}")
    if path is None:
        self.say(schema_text())
        return DONE
    try:
        feed = read_feed(path)
    except BadFeed as bad:
        for problem in bad.problems:
            self.say(printable(str(problem)), file=self.stderr)
        return UNUSABLE
    console = _console(self.stdout)
    request = feed.catalogue(EPOCH, EPOCH)
    for line in _described(feed, request):
        _line(console, line)
    return DONE if against is None else _check(console, feed, request, against)


def _check(console: Console, feed: FeedAdapter, request: Request, against: Path) -> int:
    answer = Answer(200, {}, against.read_bytes(), utc_now())
    try:
        reading = feed.read(request, answer)
    except Misread as misread:
        _line(console, f"{against.name}: {misread}")
        return UNUSABLE
    _show(console, reading)
    return NOT_ALL if reading.refused else DONE


def _show(console: Console, reading: Reading) -> None:
    for price in reading.prices[:SHOWN]:
        _line(console, encode(price).decode())
    _rest(console, len(reading.prices))
    if reading.refused:
        _line(console, "refused:")
    for refusal in reading.refused[:SHOWN]:
        _line(console, f"  {': '.join(filter(None, refusal))}")
    _rest(console, len(reading.refused))
    total = "" if reading.total is None else f" of {reading.total:,} in all"
    _line(console, f"{len(reading.prices):,} prices{total}, {len(reading.refused):,} refused.")
    if reading.further is not None:
        _line(console, f"Next page: {_asked(reading.further)}")


def _described(feed: FeedAdapter, request: Request) -> list[str]:
    day = f", {feed.limits.per_day:,} a day" if feed.limits.per_day else ""
    lines = [
        f"{feed.name}: GET {feed.base_url}{_asked(request)}",
        f"every {feed.every_s:g} s, at most {feed.limits.per_second:g} requests a second{day}",
    ]
    return [*lines, f"key: {_key(feed.key)}"] if feed.key else lines


def _key(key: Key) -> str:
    kept = f"${key.variable}" if key.variable else f"the file {key.file}"
    if key.query:
        return f"{kept}, sent as the parameter {key.query}"
    return f"{kept}, sent as {f'the header {key.header}' if key.header else 'a bearer token'}"


def _asked(request: Request) -> str:
    query = "&".join(f"{name}={value}" for name, value in request.query)
    return f"{request.path}{f'?{query}' if query else ''}"


def _rest(console: Console, count: int) -> None:
    if count > SHOWN:
        _line(console, f"  … and {count - SHOWN:,} more")


def _line(console: Console, text: str) -> None:
    console.print(Text(printable(text)), soft_wrap=True)


def _console(out: IO[str]) -> Console:
    return Console(file=out, highlight=False, width=None if out.isatty() else _PIPED_WIDTH)
