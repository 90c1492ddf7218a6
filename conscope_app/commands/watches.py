"""`faust -A conscope_app watches`."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import click
import psycopg2
from faust.cli import argument, option

from conscope_app import app
from conscope_app.commands import watch_report as report
from conscope_app.commands.away import CannotRun
from conscope_app.commands.durations import Duration
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.commands.watch_file import BadWatchFile, read_watch_file
from conscope_app.commands.watch_telling import (
    acknowledge_episode,
    snooze_watch,
    try_one_channel,
)
from conscope_app.core.clock import utc_now
from conscope_app.store.engine import Connection
from conscope_app.store.errors import reason_of
from conscope_app.store.watches import definitions
from conscope_app.store.watches.apart import history_of
from conscope_app.store.watches.explaining import Question, explain
from conscope_app.store.watches.rehearsal import Asked, rehearse

T = TypeVar("T")

DONE, NOT_ALL, UNUSABLE = 0, 1, 2
ACTIONS = (
    *("apply", "list", "delete", "dry-run", "why", "schema"),
    *("acknowledge", "snooze", "test-channel"),
)
TARGETS = {
    "apply": "a file",
    "delete": "the id of a watch",
    "dry-run": "a file",
    "why": "the id of a watch",
    "acknowledge": "the id of an episode",
    "snooze": "the id of a watch",
    "test-channel": "the name of a channel",
}
_PAGE = 500


@app.command(
    argument("action", type=click.Choice(ACTIONS), default="list"),
    argument("target", required=False),
    option("--prune", is_flag=True, help="apply: delete the watches that the file does not name."),
    option(
        "--days",
        type=click.FloatRange(0, 366, min_open=True),
        default=30.0,
        show_default=True,
        help="dry-run: so many days back from now.",
    ),
    option("--from", "since", type=click.DateTime(), help="why: from this moment on, in UTC."),
    option("--to", "until", type=click.DateTime(), help="why: until this moment; else now."),
    option("--until", "snoozed_until", type=click.DateTime(), help="snooze: until then, in UTC."),
    option("--for", "for_s", type=Duration(), help="snooze: for so long: 90m, 2h, 3d; 0 ends it."),
    option(
        "--by",
        type=click.Choice(["recorded", "observed"]),
        default="recorded",
        show_default=True,
        help="dry-run, why: the clock of the prices. observed: for a history that was imported.",
    ),
    option(
        "--limit",
        type=click.IntRange(1),
        default=100,
        show_default=True,
        help="dry-run, why: show so many at most.",
    ),
    option("--json", "as_lines", is_flag=True, help="list, dry-run, why: as JSON."),
    base=ExitCodeCommand,
)
async def watches(self: ExitCodeCommand, action: str, target: str | None, **options: Any) -> int:
    """Apply a YAML FILE of watches, list them, delete one, try a FILE with past prices, ask why.

    TARGET is a file, the id of a watch or of an episode, or the name of a channel, as the action
    needs it. `schema` prints the JSON Schema of the file. `snooze` holds back what a watch finds,
    `acknowledge` says nothing more of an episode; `test-channel` sends one message.

    Exit code: 0 done; 1 there is no such watch, or a channel did not take its message; 2 the file,
    the options or the database cannot be worked with.
    """
    if (target is None) is (action in TARGETS):
        needs = f"takes {TARGETS[action]}" if action in TARGETS else "takes nothing else"
        raise click.UsageError(f"{action} {needs}")
    try:
        return await _ACTIONS[action](self, target or "", options)
    except BadWatchFile as bad:
        for problem in bad.problems:
            self.say(report.shown(str(problem)), file=self.stderr)
        return UNUSABLE
    except psycopg2.Error as error:
        raise CannotRun(f"the database cannot be worked with: {reason_of(error)}") from error
    finally:
        await app.services.database.close()


async def _run(work: Callable[[Connection], T]) -> T:
    return await app.services.database.run(work)


def _url() -> str:
    return app.settings.database_url.get_secret_value()


async def _apply(command: ExitCodeCommand, target: str, options: dict[str, Any]) -> int:
    """All of the file or nothing."""
    given = read_watch_file(Path(target), channels=app.services.telling.channels)
    named = {watch.id for watch in given}

    def work(connection: Connection) -> tuple[list[definitions.Put], list[str]]:
        # In the order of their ids, so that two who apply wait for each other and never deadlock.
        ordered = sorted(given, key=lambda watch: watch.id)
        done = [definitions.put(connection, watch) for watch in ordered]
        others = set(definitions.ids(connection)) - named if options["prune"] else set()
        return done, [each for each in sorted(others) if definitions.delete(connection, each)]

    done, deleted = await _run(work)
    for each in done:
        word = "made" if each.is_new else "changed" if each.is_changed else "as it was"
        command.say(f"{each.watch.id}: {word} (version {each.watch.version})")
    for watch_id in deleted:
        command.say(f"{watch_id}: deleted")
    return DONE


async def _list(command: ExitCodeCommand, _: str, options: dict[str, Any]) -> int:
    found: list[definitions.Stored] = []
    while len(found) % _PAGE == 0:
        after = found[-1].watch.id if found else ""
        page = await _run(partial(definitions.list_watches, after=after, limit=_PAGE))
        found += page
        if not page:
            break
    if options["as_lines"] or command.json:
        for stored in found:
            command.say(report.as_json(stored))
    else:
        report.print_watches(found, command.stdout)
    return DONE


async def _delete(command: ExitCodeCommand, target: str, _: dict[str, Any]) -> int:
    if await _run(lambda connection: definitions.delete(connection, target)):
        command.say(f"{report.shown(target)}: deleted")
        return DONE
    return _no_such_watch(command, target)


async def _dry_run(command: ExitCodeCommand, target: str, options: dict[str, Any]) -> int:
    now = utc_now()
    since = now - timedelta(days=options["days"])
    for watch in read_watch_file(Path(target), channels=app.services.telling.channels):
        asked = Asked(
            watch=watch,
            since=since,
            until=now,
            by=options["by"],
            most_messages=options["limit"],
        )
        with history_of(_url()) as connection:
            found = rehearse(connection, asked)
        _show(command, options, found, report.print_rehearsed)
    return DONE


async def _why(command: ExitCodeCommand, target: str, options: dict[str, Any]) -> int:
    stored = await _run(lambda connection: definitions.get(connection, target))
    if stored is None:
        return _no_such_watch(command, target)
    until = _in_utc(options["until"]) or utc_now()
    since = _in_utc(options["since"]) or until - timedelta(days=1)
    if since >= until:
        raise click.UsageError("--from must be before --to")
    question = Question(
        watch=stored.watch,
        made_at=stored.made_at,
        since=since,
        until=until,
        by=options["by"],
        most_traces=options["limit"],
    )
    with history_of(_url()) as connection:
        explained = explain(connection, question)
    _show(command, options, explained, report.print_explained)
    return DONE


async def _schema(command: ExitCodeCommand, _: str, __: dict[str, Any]) -> int:
    command.say(report.schema_text())
    return DONE


def _show(
    command: ExitCodeCommand,
    options: dict[str, Any],
    found: T,
    print_found: Callable[[T, IO[str]], None],
) -> None:
    """As JSON where that is asked for, and for people otherwise."""
    if options["as_lines"] or command.json:
        command.say(report.as_json(found))
    else:
        print_found(found, command.stdout)


def _no_such_watch(command: ExitCodeCommand, watch_id: str) -> int:
    command.say(f"there is no watch {report.shown(repr(watch_id))}", file=command.stderr)
    return NOT_ALL


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


_ACTIONS = {
    "apply": _apply,
    "list": _list,
    "delete": _delete,
    "dry-run": _dry_run,
    "why": _why,
    "schema": _schema,
    "acknowledge": acknowledge_episode,
    "snooze": snooze_watch,
    "test-channel": try_one_channel,
}
