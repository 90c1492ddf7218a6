"""`faust -A conscope_app deliveries`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
import psycopg2
from faust.cli import argument, option

from conscope_app import app
from conscope_app.commands.away import CannotRun
from conscope_app.commands.delivery_list import as_json_lines, print_deliveries
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.store import deliveries as store
from conscope_app.store.engine import Connection
from conscope_app.store.errors import reason_of

T = TypeVar("T")

STATUSES = ("waiting", "dead")


@app.command(
    argument("action", type=click.Choice(["list", "retry", "enable"]), default="list"),
    argument("channel", required=False),
    option("--status", type=click.Choice(STATUSES), help="list: only these; dead: given up."),
    option("--limit", type=click.IntRange(1), default=50, show_default=True, help="list: at most."),
    option("--json", "as_lines", is_flag=True, help="list: one JSON object a line."),
    option("--id", "ids", multiple=True, help="retry: this one: raw_prices-3-17. Repeatable."),
    option("--all-dead", is_flag=True, help="retry: every one that was given up."),
    base=ExitCodeCommand,
)
async def deliveries(
    self: ExitCodeCommand, action: str, channel: str | None, **options: Any
) -> int:
    """List the alerts that were not told, tell given-up ones again, or enable a CHANNEL."""
    if (channel is not None) is not (action == "enable"):
        raise click.UsageError("enable takes the name of a channel; list and retry take none")
    try:
        if action == "retry":
            return await _retry(self, options["ids"], every=options["all_dead"])
        if channel is not None:
            return await _enable(self, channel)
        return await _list(self, options)
    except psycopg2.Error as error:
        raise CannotRun(f"the database cannot be worked with: {reason_of(error)}") from error
    finally:
        await app.services.database.close()


async def _run(work: Callable[[Connection], T]) -> T:
    return await app.services.database.run(work)


async def _list(command: ExitCodeCommand, options: dict[str, Any]) -> int:
    statuses = (options["status"],) if options["status"] else STATUSES
    found = await _run(lambda connection: store.not_told(connection, statuses, options["limit"]))
    if options["as_lines"] or command.json:
        for line in as_json_lines(found):
            command.say(line)
    else:
        print_deliveries(found, command.stdout)
    return 0


async def _retry(command: ExitCodeCommand, ids: tuple[str, ...], *, every: bool) -> int:
    if bool(ids) is every:
        raise click.UsageError("say which: --id or --all-dead")
    retried = await _run(lambda connection: store.retry(connection, None if every else ids))
    command.say(f"{len(retried)} given-up deliveries wait again.")
    unknown = sorted(set(ids) - set(retried))
    for each in unknown:
        command.say(f"there is no given-up delivery of {each}", file=command.stderr)
    return 1 if unknown else 0


async def _enable(command: ExitCodeCommand, channel: str) -> int:
    if await _run(lambda connection: store.enable(connection, channel)):
        command.say(f"{channel} is told again.")
        return 0
    known = await _run(store.known_channels)
    if channel in known:
        command.say(f"{channel} was not switched off.")
        return 0
    there_is = f"there is {', '.join(known)}" if known else "none was ever told"
    command.say(f"there is no channel {channel!r}; {there_is}", file=command.stderr)
    return 1
