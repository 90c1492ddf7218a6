"""Watches for a worker: as people make them, and as its publisher leaves them behind."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from io import StringIO
from typing import Self

import psycopg2
from confluent_kafka import Producer

from bench.marks import Stalled
from bench.stage import Stage
from conscope_app.alerting.watches.control import Making, Sent, control_record
from conscope_app.alerting.watches.watch import Watch
from conscope_app.core.clock import monotonic_s, utc_now
from conscope_app.store.engine import Connection
from conscope_app.store.url import connect_arguments
from conscope_app.store.watches.definitions import encode_definition, put
from conscope_app.stream.board import Posted, encode_posted
from conscope_app.stream.partitioner import Partitioner
from conscope_app.topics.tickets import WATCHED_PRICES, WATCHES

_WITHIN_S = 60.0
_ASK_EVERY_S = 0.05
_MOST_WAITING = 50_000

_COPY = """
COPY watches (id, version, definition, subjects, published_version, published_subjects) FROM STDIN
"""
_UNPUBLISHED = "SELECT count(*) FROM watches WHERE published_version IS DISTINCT FROM version"


@contextmanager
def connected(stage: Stage) -> Iterator[Connection]:
    """A connection to the stage's database, each statement a transaction of its own."""
    arguments = connect_arguments(stage.database_url, "bench")
    connection: Connection = psycopg2.connect(connection_factory=Connection, **arguments)
    connection.autocommit = True
    with closing(connection):
        yield connection


def publish(stage: Stage, watches: Sequence[Watch]) -> float:
    """Make watches while a worker runs; seconds until its publisher has made all of them known.

    Raises `Stalled` where it does not within a minute.
    """
    with connected(stage) as connection:
        connection.autocommit = False
        for watch in watches:
            put(connection, watch)
        connection.commit()
        began_s = monotonic_s()
        connection.autocommit = True
        with connection.cursor() as cursor:
            while True:
                cursor.execute(_UNPUBLISHED)
                ((left,),) = cursor.fetchall()
                took_s = monotonic_s() - began_s
                if left == 0:
                    return took_s
                if took_s > _WITHIN_S:
                    raise Stalled(f"{left} watches are not published after {took_s:.0f} s")
                time.sleep(_ASK_EVERY_S)


def leave_published(stage: Stage, watches: Sequence[Watch]) -> None:
    """Leave watches in Postgres and Kafka as they are when they have been published.

    There is no history that they could measure from.
    """
    with connected(stage) as connection, connection.cursor() as cursor:
        cursor.copy_expert(_COPY, StringIO("".join(map(_line, watches))))
    _say(stage, watches)


def _line(watch: Watch) -> str:
    definition = encode_definition(watch).replace("\\", "\\\\")
    subjects = f"{{{','.join(watch.what.subjects)}}}"  # they hold no sign that would be quoted
    return f"{watch.id}\t1\t{definition}\t{subjects}\t1\t{subjects}\n"


def _say(stage: Stage, watches: Iterable[Watch]) -> None:
    partitions, now = range(stage.partitions), utc_now()
    partition_of = Partitioner(stage.partitions)
    with _Sending(stage.bootstrap) as sending:
        for watch in watches:
            subjects = watch.what.subjects
            posted = encode_posted(Posted(watch.version, subjects))
            sending.send(WATCHES.name, 0, (watch.id.encode(), posted, ()))
            if not subjects:
                said = control_record(Making(watch=watch), key="", at=now)
                for partition in partitions:
                    sending.send(WATCHED_PRICES.name, partition, said)
            for subject in subjects:
                said = control_record(Making(watch=watch, subject=subject), key=subject, at=now)
                sending.send(WATCHED_PRICES.name, partition_of(subject.encode()), said)


class _Sending:
    """Sends records to where they belong; all of them stand there when it is left."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "linger.ms": 20,
                "log_level": 3,  # not each retry
            }
        )

    def __enter__(self) -> Self:
        return self

    def send(self, topic: str, partition: int, record: Sent) -> None:
        """Send one, as soon as there is room for it."""
        key, value, headers = record
        while len(self._producer) >= _MOST_WAITING:
            self._producer.poll(0.05)
        self._producer.produce(topic, value, key, partition, headers=list(headers))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        left = self._producer.flush(_WITHIN_S)
        if left and kind is None:
            raise RuntimeError(f"{left} records were not taken by Kafka")
