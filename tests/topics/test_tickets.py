"""The topics as product.md and the pipeline need them; docs/topics.md says the same."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from conscope_app.alerting.watches import control
from conscope_app.domains.tickets.tracking import REKEYED_FROM as DETECTORS_REKEYED_FROM
from conscope_app.stream import dead_letters
from conscope_app.topics import tickets
from conscope_app.topics.tickets import ALL, TopicSpec

DOCS = (Path(__file__).parents[2] / "docs" / "topics.md").read_text()
ROW = re.compile(r"^\| `([^`]+)` \|(.+)\|$", re.MULTILINE)


def table_rows(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by the name in their first column."""
    section = DOCS.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {
        name: [cell.strip() for cell in cells.split("|")] for name, cells in ROW.findall(section)
    }


def test_every_timestamp_is_the_brokers() -> None:
    """And the broker compresses."""
    for spec in ALL:
        assert spec.configs["message.timestamp.type"] == "LogAppendTime"
        assert spec.configs["compression.type"] == "snappy"


def test_a_raw_record_of_any_size_fits_the_dead_letters() -> None:
    """Two mebibytes are room for headers."""
    raw = int(tickets.RAW_PRICES.configs["max.message.bytes"])
    dead = int(tickets.DEAD_LETTERS.configs["max.message.bytes"])

    assert dead - raw == 2 * 1024 * 1024


def test_what_every_worker_reads_whole_has_one_partition() -> None:
    """All others share one, so that what belongs together has one owner."""
    assert {spec.name: spec.partition_count(8) for spec in ALL if spec.partitions} == {
        "system_metrics": 1,
        "watches": 1,
    }


def test_kept_for_ever_is_what_is_compacted() -> None:
    """A compacted topic has no retention, every other has one."""
    for spec in ALL:
        assert (spec.retention is None) == (spec.cleanup == "compact")
        assert ("retention.ms" in spec.configs) == (spec.cleanup == "delete")


def test_the_docs_list_exactly_these_topics() -> None:
    """Partitions and retention too."""
    rows = table_rows("The topics")

    assert list(rows) == [spec.name for spec in ALL]
    for spec in ALL:
        partitions, kept = rows[spec.name][2:4]
        assert partitions == ("1" if spec.partitions == 1 else "`CONSCOPE_PARTITIONS`")
        assert kept == _kept(spec)


def _kept(spec: TopicSpec) -> str:
    if spec.retention is None:
        return "the newest of each key"
    assert spec.retention % timedelta(days=1) == timedelta(0)
    return f"{spec.retention.days} days"


def test_the_docs_list_exactly_the_headers() -> None:
    """Every name that the code writes."""
    names = {
        value
        for name, value in (*vars(dead_letters).items(), *vars(control).items())
        if name.isupper() and isinstance(value, str) and not name.startswith("_")
    }

    assert sorted(table_rows("Headers")) == sorted(names)


def test_both_sides_spell_the_rekeying_mark_alike() -> None:
    """The detector writes it, audit and replay read it."""
    assert dead_letters.REKEYED_FROM == DETECTORS_REKEYED_FROM


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_the_docs_name_every_config(spec: TopicSpec) -> None:
    """Beside what the table of topics says."""
    written = table_rows("Settings of each topic")

    for name, value in spec.configs.items():
        if name not in ("cleanup.policy", "retention.ms"):
            assert name in written
            assert f"{spec.name} {value}" in written[name][0] or written[name][0] == value
