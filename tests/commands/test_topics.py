"""`topics` on the command line."""

import pytest

from conscope_app.topics.tickets import ALL
from tests.commands.shell import conscope

# Those with as many partitions as the settings say.
FOLLOWING = [topic for topic in ALL if topic.partitions is None]


def test_topics_are_listed_without_a_kafka() -> None:
    """Names, partitions and how long each is kept."""
    ended = conscope("topics", "list")

    assert ended.code == 0
    for text in ("raw_prices.dead", "system_metrics", "30 days", "newest of each key"):
        assert text in ended.output


def test_kafka_that_is_away_is_told_in_a_sentence() -> None:
    """Exit code 2, no traceback."""
    ended = conscope("topics", "check")

    assert ended.code == 2
    assert "Kafka at 127.0.0.1:1 cannot be read" in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.broker
def test_topics_are_created_once_and_checked(
    empty_topics: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second creation changes nothing; other settings than the topics' are exit code 1."""
    missing = conscope("topics", "check", kafka_url=empty_topics)
    assert (missing.code, missing.output.count(": missing")) == (1, len(ALL))

    created = conscope("topics", "create", kafka_url=empty_topics)
    assert (created.code, created.output.count(": created")) == (0, len(ALL))

    again = conscope("topics", "create", kafka_url=empty_topics)
    assert (again.code, again.output.count(": exists")) == (0, len(ALL))

    monkeypatch.setenv("CONSCOPE_PARTITIONS", "4")
    other = conscope("topics", "check", kafka_url=empty_topics)
    assert other.code == 1
    assert other.output.count("it has 3 partitions, not 4") == len(FOLLOWING)
