"""`audit` on the command line."""

import asyncio
import json
import uuid

import pytest

from conscope_app.kafka.brokers import Brokers
from tests.audit.story import outputs
from tests.audit.world import World, open_database
from tests.commands.shell import conscope


def test_kafka_that_is_away_is_told_in_a_sentence() -> None:
    """Exit code 2: neither clean nor not."""
    ended = conscope("audit")

    assert ended.code == 2
    assert "Kafka at 127.0.0.1:1 cannot be read" in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.broker
@pytest.mark.postgres
def test_the_exit_code_says_whether_all_is_well(
    empty_topics: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 where it is, 1 where a row is gone, 2 where there is nothing to audit."""
    bootstrap = empty_topics.removeprefix("kafka://")
    nothing = conscope("audit", kafka_url=empty_topics)
    assert (nothing.code, "the topic raw_prices is missing" in nothing.errors) == (2, True)
    assert conscope("topics", "create", kafka_url=empty_topics).code == 0

    with open_database(database_url, f"audit_{uuid.uuid4().hex[:12]}") as (url, engine):
        monkeypatch.setenv("CONSCOPE_DATABASE_URL", url)
        world = World(Brokers.plain(bootstrap), "", url, engine)
        places = asyncio.run(world.tell_the_story())
        asyncio.run(world.write(outputs(places)))

        clean = conscope("audit", "--wait", "0s", kafka_url=empty_topics)
        assert (clean.code, clean.output.splitlines()[-1]) == (
            0,
            "Clean: everything is there, once and right.",
        )

        at = places["first"]
        world.execute(
            f"DELETE FROM price_history WHERE raw_offset = {at.offset} AND kind = 'new'"
            f" AND raw_partition = {at.partition}"
        )
        broken = conscope("audit", "--wait", "0s", "--json", kafka_url=empty_topics)
        report = json.loads(broken.output)
        assert (broken.code, report["clean"]) == (1, False)
        assert report["findings"] == [
            ["price_history", "missing", f"raw_prices-{at.partition}-{at.offset}", ""]
        ]

        monkeypatch.setenv("CONSCOPE_DATABASE_URL", url.replace(url.rsplit("/", 1)[1], "nowhere"))
        away = conscope("audit", "--wait", "0s", kafka_url=empty_topics)
        assert (away.code, "the database cannot be read" in away.errors) == (2, True)
