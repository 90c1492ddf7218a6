"""A worker that is killed while it tells people, and what the next one tells."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import pytest

from tests.broker.pipeline import Pipeline, Worker, eventually
from tests.discord_behaviours import Behaviour

pytestmark = pytest.mark.broker

RECORDS = 2_000

# As long as a lease can be. Said again and again, it never runs out: what is told nevertheless is
# told under a lease that is still another's.
LONGEST = "UPDATE delivery_targets SET leased_until = now() + interval '20 s'"


def kill_amid_telling(pipeline: Pipeline, worker: Worker, last: Behaviour) -> str:
    """Kill the worker in its fourth message, which ends so; returns the name on its lease."""
    pipeline.discord.then("ok", "ok", "ok", last)
    pipeline.run("produce", "mock", "--count", str(RECORDS), "--rate", "0", "--seed", "41")
    pipeline.discord.wait_for_posts(4, timeout_s=60)
    if last == "mute":
        eventually(lambda: len(pipeline.discord.messages) == 4, what="the fourth message taken")
    worker.kill()
    [(leased_by,)] = pipeline.query("SELECT leased_by FROM delivery_targets")
    return str(leased_by)


@contextmanager
def lease_that_lasts(pipeline: Pipeline) -> Iterator[None]:
    """The dead worker's lease does not run out."""
    over = threading.Event()

    def lengthen() -> None:
        connection = psycopg2.connect(pipeline.database_url.replace("+psycopg2", ""))
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not over.wait(0.5):
                cursor.execute(LONGEST)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        lengthening = pool.submit(lengthen)
        try:
            yield
        finally:
            over.set()
            lengthening.result()


def until_all_is_told(pipeline: Pipeline) -> int:
    """Wait for every row, every alert, every delivery; returns the number of alerts."""
    eventually(lambda: pipeline.count("price_history") == RECORDS, what="all rows")
    drops = pipeline.count("price_history", "kind = 'drop'")
    eventually(lambda: pipeline.count("price_drop_alerts") == drops, what="all alerts")
    pipeline.until_told()
    return drops


def test_a_restarted_worker_goes_on_telling_at_once(pipeline: Pipeline) -> None:
    """It takes its dead predecessor's lease, which holds others off for as long as it tells.

    Only the message that Discord had taken and not answered yet is told again, once.
    """
    worker = pipeline.worker("w1").start().until_ready()
    dead = kill_amid_telling(pipeline, worker, "mute")
    before = pipeline.told()

    with lease_that_lasts(pipeline):
        worker.start()
        drops = until_all_is_told(pipeline)

    told = pipeline.told()
    taken = pipeline.discord.messages[3]["embeds"]
    twice = {record_id for record_id, times in told.items() if times > 1}
    assert set(before) < set(told)
    assert len(told) == drops
    assert told.total() == drops + len(taken)
    assert twice == {embed["footer"]["text"].rpartition(" · ")[2] for embed in taken}
    assert dead.partition("/")[0] == (worker.data / "holder").read_text().partition("\n")[0]


def test_a_wiped_data_directory_and_other_workers_leave_the_lease_alone(
    pipeline: Pipeline,
) -> None:
    """Until it has run out, and then for as long as its holder may need to come back."""
    worker = pipeline.worker("w1").start().until_ready()
    dead = kill_amid_telling(pipeline, worker, "hang")
    posts = len(pipeline.discord.behaviours)

    worker.wipe()
    with lease_that_lasts(pipeline):
        worker.start().until_ready()
        pipeline.worker("w2").start().until_ready()
        eventually(lambda: pipeline.count("price_history") == RECORDS, what="all rows")

    assert len(pipeline.discord.behaviours) == posts
    assert pipeline.query("SELECT leased_by FROM delivery_targets") == [(dead,)]
