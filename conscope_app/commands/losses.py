"""`faust -A conscope_app losses`."""

import click
import msgspec
import psycopg2
from faust.cli import argument, option

from conscope_app import app
from conscope_app.commands.away import CannotRun, told_in_a_sentence
from conscope_app.commands.exit_code import ExitCodeCommand
from conscope_app.core.clock import utc_now
from conscope_app.store.errors import reason_of
from conscope_app.store.losses import acknowledge, read_acknowledged
from conscope_app.stream.cluster import Cluster
from conscope_app.stream.exchange import apply_encoded
from conscope_app.stream.losses import Loss, Origin, reported_losses, unacknowledged
from conscope_app.stream.reading import TopicReader
from conscope_app.topics.create import partition_counts
from conscope_app.topics.tickets import SYSTEM_METRICS


@app.command(
    argument("action", type=click.Choice(["list", "acknowledge"]), default="list"),
    option("--agent", help="Those of this agent."),
    option("--partition", type=click.IntRange(0), help="Those of this partition."),
    option("--json", "as_lines", is_flag=True, help="list: one JSON object a line."),
    base=ExitCodeCommand,
)
async def losses(
    self: ExitCodeCommand, action: str, *, agent: str | None, partition: int | None, as_lines: bool
) -> int:
    """List what was removed from the topics before it was read, or take note of it.

    A worker whose partition has lost something is not ready until the loss is acknowledged.
    """
    if agent is not None and agent not in app.feeds:
        raise click.UsageError(f"--agent is one of: {', '.join(app.feeds)}")
    try:
        with told_in_a_sentence(app.settings.brokers):
            found = [
                loss
                for loss in await _reported()
                if agent in (None, loss.agent) and partition in (None, loss.partition)
            ]
            acknowledged = await _acknowledged()
            if action == "list":
                _list(self, found, acknowledged, as_lines=as_lines or self.json)
            else:
                await _acknowledge(self, unacknowledged(found, acknowledged))
    except psycopg2.Error as error:
        raise CannotRun(f"the database cannot be worked with: {reason_of(error)}") from error
    finally:
        await app.services.database.close()
    return 0


async def _reported() -> list[Loss]:
    """The losses that the workers have told of, whether or not they run now."""
    brokers, topic = app.settings.brokers, SYSTEM_METRICS.name
    if topic not in await partition_counts(brokers, [topic]):
        raise CannotRun(f"the topic {topic} is missing: `topics create` creates it")
    cluster = Cluster(utc_now, counted_agent="")
    async with TopicReader(brokers, topic, range(1)) as reader:
        async for run in reader.to_end():
            for record in run:
                apply_encoded(cluster, record.key, record.value)
    groups = {feed.agent: feed.group for feed in app.feeds.values()}
    return reported_losses(cluster.view().partitions, groups)


async def _acknowledged() -> dict[Origin, int]:
    read = await read_acknowledged(app.services.database)
    return {Origin(*key): lost for key, lost in read.items()}


def _list(
    command: ExitCodeCommand, found: list[Loss], acknowledged: dict[Origin, int], *, as_lines: bool
) -> None:
    for loss in found:
        waiting = loss.unacknowledged(acknowledged)
        if as_lines:
            line = {**loss._asdict(), "unacknowledged": waiting}
            command.say(msgspec.json.encode(line).decode())
        else:
            state = f"{waiting} not acknowledged" if waiting else "acknowledged"
            command.say(f"{_named(loss)}: {loss.lost} offsets removed unread, {state}")
    if not found and not as_lines:
        command.say("Nothing was removed before it was read.")


async def _acknowledge(command: ExitCodeCommand, waiting: list[Loss]) -> None:
    await acknowledge(app.services.database, {loss.origin: loss.lost for loss in waiting})
    for loss in waiting:
        command.say(f"Acknowledged: {loss.lost} offsets of {_named(loss)} are gone.")
    if not waiting:
        command.say("There is no loss that waits to be acknowledged.")


def _named(loss: Loss) -> str:
    return f"{loss.agent} {loss.topic}-{loss.partition}"
