"""`faust -A conscope_app rebuild`."""

import asyncio
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
import psycopg2
from faust.cli import argument, option

from conscope_app import app
from conscope_app.alerting.decisions import decide, decide_again
from conscope_app.commands.away import CannotRun, told_in_a_sentence
from conscope_app.commands.durations import Duration
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.core.positions import PositionMoved
from conscope_app.domains.tickets.records import PriceAlert, as_utc
from conscope_app.rebuild import printing
from conscope_app.rebuild.changelog import TableSpec
from conscope_app.rebuild.history import HistoryRebuild, KnownRefusals, Sink
from conscope_app.rebuild.rules import MARKETS, PRICES
from conscope_app.rebuild.seeding import check_new, seed
from conscope_app.rebuild.seeds import Seeds
from conscope_app.rebuild.stillness import CannotRebuild, until_still
from conscope_app.rebuild.table import TableRebuild
from conscope_app.store.archive import archive, archives
from conscope_app.store.errors import reason_of
from conscope_app.store.migrate import MigrationError
from conscope_app.store.tickets import (
    AlertWriter,
    HistoryWriter,
    translate_alerts,
    translate_processed,
)
from conscope_app.store.tickets.newest import newest_before, newest_of_archive
from conscope_app.stream.partitioner import Partitioner
from conscope_app.stream.table import DurableTable
from conscope_app.topics.create import check_partitions
from conscope_app.topics.tickets import PRICE_ALERTS, PROCESSED_PRICES
from tables.tickets import last_markets, last_seen_prices

# A worker that was killed stays a member of its groups until its session is over.
_BESIDE_A_SESSION_S = 5.0


@app.command(
    argument("what", type=click.Choice(["table", "history", "from-history", "market"])),
    option("--partition", type=int, multiple=True, help="table, history: this partition only."),
    option("--replace", is_flag=True, help="table: also where the changelog looks whole."),
    option("--from-backup", is_flag=True, help="history: the database is an older backup."),
    option("--tell-since", type=Duration(), help="history: tell drops of the last 30m, 2h, 1d."),
    base=ExitCodeCommand,
)
async def rebuild(
    self: ExitCodeCommand, what: str, *, partition: tuple[int, ...], **options: Any
) -> int:
    """Bring back the tables or the rows of Postgres from the topics, while no worker runs.

    from-history is for the day when all of Kafka is gone: see docs/recovery.md. market makes the
    roll-ups that the pages show anew, from the history; workers may run meanwhile.
    """
    partitions = _chosen(what, partition, options)
    try:
        with _told():
            if what == "market":
                await _rebuild_market(self)
                return 0
            await _check()
            if what == "table":
                await _rebuild_table(self, partitions, replace=options["replace"])
            elif what == "history":
                await _rebuild_history(self, partitions, options)
            else:
                await _rebuild_from_history(self, partitions)
    finally:
        await app.services.close()
    return 0


def _chosen(what: str, partition: Sequence[int], options: dict[str, Any]) -> list[int]:
    if what != "table" and options["replace"]:
        raise click.UsageError("--replace is for `rebuild table`")
    if what != "history" and (options["from_backup"] or options["tell_since"] is not None):
        raise click.UsageError("--from-backup and --tell-since are for `rebuild history`")
    if what in {"from-history", "market"} and partition:
        raise click.UsageError(f"`rebuild {what}` takes all partitions")
    count = app.settings.partitions
    if any(not 0 <= each < count for each in partition):
        raise click.UsageError(f"there are partitions 0 to {count - 1}")
    return sorted(set(partition)) or list(range(count))


@contextmanager
def _told() -> Iterator[None]:
    try:
        with told_in_a_sentence(app.settings.brokers):
            yield
    except (CannotRebuild, MigrationError) as error:
        raise CannotRun(str(error)) from error
    except PositionMoved as error:
        raise CannotRun(
            f"a worker has taken over meanwhile: {error}; stop it, run again"
        ) from error
    except psycopg2.errors.UndefinedTable as error:
        raise CannotRun("the database has no tables: run `migrate` first") from error
    except psycopg2.Error as error:
        raise CannotRun(f"the database cannot be worked with: {reason_of(error)}") from error


async def _check() -> None:
    """The topics are there, and nobody works."""
    settings = app.settings
    problems = await check_partitions(settings.brokers, settings.partitions)
    if problems:
        raise CannotRebuild("; ".join(problems))
    groups = [feed.group for feed in app.feeds.values()]
    await until_still(settings.brokers, groups, settings.session_timeout_s + _BESIDE_A_SESSION_S)


def _spec(table: DurableTable) -> TableSpec:
    return TableSpec(
        application=str(app.conf.id),
        name=table.name,
        changelog=table.changelog,
        partitions=app.settings.partitions,
        partition_of=Partitioner(app.settings.partitions),
        row_format=table.row_format,
    )


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder beside the tables, where there is room for one."""
    app.settings.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="rebuild-", dir=app.settings.data_dir) as name:
        yield Path(name)


def _database_url() -> str:
    return app.settings.database_url.get_secret_value()


async def _seeds(scratch: Path) -> AbstractContextManager[Seeds]:
    """What the archives know, a later one over an earlier one; to be closed."""
    seeds = Seeds(scratch / "seeds", Partitioner(app.settings.partitions))
    url = _database_url()
    for schema in await asyncio.to_thread(archives, url):
        await asyncio.to_thread(seeds.gather, newest_of_archive(url, schema))
    return closing(seeds)


def _say(command: ExitCodeCommand, lines: Iterator[str]) -> None:
    for line in lines:
        command.say(line)


async def _rebuild_table(
    command: ExitCodeCommand, partitions: Sequence[int], *, replace: bool
) -> None:
    brokers, generation = app.settings.brokers, uuid.uuid4().hex
    with _scratch() as scratch, await _seeds(scratch) as seeds:
        prices = TableRebuild(
            brokers,
            _spec(last_seen_prices),
            PRICES,
            seeds=seeds,
            history=partial(newest_before, _database_url()),
            scratch=scratch,
            generation=generation,
        )
        markets = TableRebuild(
            brokers, _spec(last_markets), MARKETS, scratch=scratch, generation=generation
        )
        # What prices begin with may come from the history alone; markets only from their topics.
        with_markets = await markets.was_ever_written(partitions)
        for rebuilding in (prices, markets) if with_markets else (prices,):
            for each in partitions:
                rebuilt = await rebuilding.rebuild(each, replace=replace)
                _say(command, printing.of_partition(rebuilt))


async def _rebuild_history(
    command: ExitCodeCommand, partitions: Sequence[int], options: dict[str, Any]
) -> None:
    since = options["tell_since"]
    now = app.services.clock()
    tell_from = None if since is None else now - timedelta(seconds=since)
    brokers, send = app.settings.brokers, app.services.dead_letters.send
    # Rows come in behind what is rolled up: before the first of them, so that a kill leaves nothing
    # that is wrong, and after the last, if a worker has been there meanwhile.
    await app.services.market.empty()
    for agent, sink in _sinks(tell_from).items():
        refuse = await KnownRefusals.read(
            brokers, app.settings.partitions, partial(send, connector=agent)
        )
        rebuilding = HistoryRebuild(
            brokers, app.services.sinks, refuse=refuse, from_backup=options["from_backup"]
        )
        for each in partitions:
            _say(command, printing.of_rows(await rebuilding.rebuild(sink, each)))
        if refuse.refused:
            command.say(f"{sink.table}: {refuse.refused} records cannot be stored, as before")
    await app.services.market.empty()
    command.say("What the pages show is made anew by the workers, or now by `rebuild market`.")


def _sinks(tell_from: datetime | None) -> dict[str, Sink[Any]]:
    """By agent: what it stores, and how."""

    def decision(alert: PriceAlert) -> str:
        first = decide(alert.drop_percent, minimum=app.settings.alert_min_drop_percent)
        dropped_at = as_utc(alert.alert_timestamp)
        return decide_again(first, dropped_at=dropped_at, tell_from=tell_from).text

    return {
        "store_prices": Sink(
            app.feeds["store_prices"].group,
            PROCESSED_PRICES.name,
            "price_history",
            HistoryWriter(),
            translate_processed,
        ),
        "store_alerts": Sink(
            app.feeds["store_alerts"].group,
            PRICE_ALERTS.name,
            "price_drop_alerts",
            AlertWriter([app.services.courier.channel]),
            lambda records: translate_alerts(records, decision),
        ),
    }


async def _rebuild_market(command: ExitCodeCommand) -> None:
    folded = await app.services.market.make_anew()
    command.say(f"market: {folded} rows of price_history are rolled up")


async def _rebuild_from_history(command: ExitCodeCommand, partitions: Sequence[int]) -> None:
    settings = app.settings
    await check_new(settings.brokers, settings.partitions)
    archived = await asyncio.to_thread(archive, _database_url(), app.services.clock())
    _say(command, printing.of_archive(archived))
    generation, spec = uuid.uuid4().hex, _spec(last_seen_prices)
    with _scratch() as scratch, await _seeds(scratch) as seeds:
        for each in partitions:
            seeded = await seed(settings.brokers, spec, seeds, each, generation=generation)
            _say(command, printing.of_seeds(seeded))
