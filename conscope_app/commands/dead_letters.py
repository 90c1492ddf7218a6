"""`faust -A conscope_app dead-letters`."""

from datetime import timedelta
from typing import Any

import click
from faust.cli import argument, option

from conscope_app import app
from conscope_app.commands.away import CannotRun, told_in_a_sentence
from conscope_app.commands.durations import Duration
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.core.clock import to_epoch_ms, utc_now
from conscope_app.stream.dead_letter_list import as_json_lines, print_letters, print_replay
from conscope_app.stream.replay import Replay, parse_repairs, plan
from conscope_app.stream.shelf import Shelved, Wanted, read_dead_letters
from conscope_app.topics.create import partition_counts
from conscope_app.topics.tickets import DEAD_LETTERS, RAW_PRICES


@app.command(
    argument("action", type=click.Choice(["list", "replay"]), default="list"),
    option("--id", "ids", multiple=True, help="This one: raw_prices-3-17. May be repeated."),
    option("--reason", help="Those refused for this reason."),
    option("--all", "every", is_flag=True, help="replay: every one that can be."),
    option("--since", type=Duration(), help="Those of the last 30s, 5m, 1h, 2d."),
    option("--limit", type=click.IntRange(1), default=50, show_default=True, help="list: at most."),
    option("--json", "as_lines", is_flag=True, help="list: one JSON object a line."),
    option("--set", "repairs", multiple=True, help="replay: field=value, before it is sent."),
    option("--dry-run", is_flag=True, help="replay: show what would be sent."),
    option("--again", is_flag=True, help="replay: also what was replayed before."),
    base=ExitCodeCommand,
)
async def dead_letters(self: ExitCodeCommand, action: str, **options: Any) -> int:
    """List the records that could not be taken, or send them back to be taken, repaired."""
    wanted = _wanted(options["ids"], options["reason"], options["since"])
    with told_in_a_sentence(app.settings.brokers):
        if action == "list":
            return await _list(self, wanted, options["limit"], as_lines=options["as_lines"])
        if not (options["ids"] or options["reason"] or options["every"]):
            raise click.UsageError("say which: --id, --reason or --all")
        return await _replay(self, wanted, options)


def _wanted(ids: tuple[str, ...], reason: str | None, since: float | None) -> Wanted:
    since_ms = None if since is None else to_epoch_ms(utc_now() - timedelta(seconds=since))
    return Wanted(frozenset(ids), reason, since_ms)


async def _read() -> tuple[list[Shelved], int]:
    brokers, topic = app.settings.brokers, DEAD_LETTERS.name
    counts = await partition_counts(brokers, [topic])
    if topic not in counts:
        raise CannotRun(f"the topic {topic} is missing: `topics create` creates it")
    return await read_dead_letters(brokers, topic, counts[topic])


async def _list(command: ExitCodeCommand, wanted: Wanted, limit: int, *, as_lines: bool) -> int:
    shelves, foreign = await _read()
    letters = [shelved for shelved in shelves if wanted.wants(shelved)][-limit:]
    if as_lines or command.json:
        for line in as_json_lines(letters):
            command.say(line)
    else:
        print_letters(letters, len(shelves), foreign, command.stdout)
    return 0


async def _replay(command: ExitCodeCommand, wanted: Wanted, options: dict[str, Any]) -> int:
    try:
        repairs = parse_repairs(options["repairs"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    topics = (RAW_PRICES.name, DEAD_LETTERS.name)
    if options["dry_run"]:
        shelves, _ = await _read()
        sent, left = plan(shelves, wanted, topics[0], repairs, again=options["again"])
    else:
        async with Replay(app.settings.brokers, topics[1]) as replay:
            shelves, _ = await _read()
            sent, left = plan(shelves, wanted, topics[0], repairs, again=options["again"])
            await replay.send(sent)
    print_replay(sent, left, "would send" if options["dry_run"] else "sent", command.stdout)
    unknown = wanted.ids - {str(shelved.letter.origin) for shelved in shelves}
    for each in sorted(unknown):
        command.say(f"there is no dead letter {each}", file=command.stderr)
    return 1 if unknown or left else 0
