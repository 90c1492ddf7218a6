"""Topics whose records become rows in Postgres, once each."""

from collections.abc import Callable, Collection
from functools import partial
from typing import TypeVar

from conscope_app.application import ConScope
from conscope_app.store.bisection import RowWriter
from conscope_app.store.group_commit import GroupCommit
from conscope_app.store.sink import PostgresLedger
from conscope_app.stream.feed import Feed
from conscope_app.stream.topic import SlabTopic

RowT = TypeVar("RowT")


def feed_to_postgres(
    app: ConScope,
    topic: SlabTopic,
    *,
    agent: str,
    group: str,
    rest_s: float,
    writer: RowWriter[RowT],
    written: Callable[[], None] = lambda: None,
    gives_way_to: Collection[str] = (),
) -> Feed:
    """Have a topic read for its agent, whose rows are written with the position of their partition.

    Small slabs of several partitions share a transaction. What Postgres refuses becomes a dead
    letter that names the agent. `written` is called after each commit.
    """
    together = GroupCommit(app.services.sinks, writer)
    return app.feed(
        topic,
        agent=agent,
        group=group,
        rest_s=rest_s,
        gives_way_to=gives_way_to,
        open_ledger=lambda partition: PostgresLedger(
            app.services.sinks,
            group=group,
            topic=topic.get_topic_name(),
            partition=partition,
            writer=writer,
            together=together,
            refuse=partial(app.services.dead_letters.send, connector=agent),
            written=written,
        ),
    )
