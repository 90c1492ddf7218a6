"""`faust -A conscope_app sources`."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click
import psycopg2
from faust.cli import argument, option

from conscope_app import app
from conscope_app.commands.away import CannotRun
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.commands.source_list import as_json_lines, print_sources
from conscope_app.sources.polling.events import MISSES_TO_DOUBT
from conscope_app.store.brief_reads import TooSlow, briefly
from conscope_app.store.engine import Connection
from conscope_app.store.errors import reason_of
from conscope_app.store.sources.leases import release
from conscope_app.store.sources.standings import PolledSource, polled_sources

T = TypeVar("T")


@app.command(
    argument("action", type=click.Choice(["list", "retry"]), default="list"),
    argument("source", required=False),
    option("--json", "as_lines", is_flag=True, help="list: one JSON object a line."),
    base=ExitCodeCommand,
)
async def sources(self: ExitCodeCommand, action: str, source: str | None, *, as_lines: bool) -> int:
    """List the polled sources with their health, or have a SOURCE asked again at once.

    list ends with 1 where one that is polled is not healthy. retry forgets that the key was not
    accepted, and that the source was left alone because it failed.
    """
    if (source is not None) is not (action == "retry"):
        raise click.UsageError("retry takes the name of a source; list takes none")
    try:
        if source is not None:
            return await _retry(self, source)
        return await _list(self, as_lines=as_lines or self.json)
    except (psycopg2.Error, TooSlow) as error:
        raise CannotRun(f"the database cannot be worked with: {reason_of(error)}") from error
    finally:
        await app.services.database.close()


async def _run(work: Callable[[Connection], T]) -> T:
    return await app.services.database.run(work)


async def _list(command: ExitCodeCommand, *, as_lines: bool) -> int:
    now = app.services.clock()

    def read(connection: Connection) -> list[PolledSource]:
        with briefly(connection) as cursor:
            return polled_sources(cursor, now, MISSES_TO_DOUBT)

    found = await _run(read)
    if as_lines:
        for line in as_json_lines(found):
            command.say(line)
    else:
        print_sources(found, now, command.stdout)
    return int(any(each.worker is not None and each.health != "healthy" for each in found))


async def _retry(command: ExitCodeCommand, source: str) -> int:
    if await _run(partial(release, source=source)):
        command.say(f"{source} is asked again as soon as a worker takes it, within seconds.")
        return 0
    command.say(f"{source!r} was never polled", file=command.stderr)
    return 1
