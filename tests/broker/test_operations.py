"""What a worker measures, as the pages of another show it."""

from typing import Any

import pytest

from tests.broker.pipeline import Pipeline, eventually

pytestmark = pytest.mark.broker

WORKING = ("track_prices", "store_prices")


def test_what_one_worker_measures_another_shows(pipeline: Pipeline) -> None:
    """How long prices took to be compared, stored and told; tables; who has fallen silent."""
    working = pipeline.worker("working").start().until_ready()
    showing = pipeline.worker("showing", CONSCOPE_AGENTS="track_prices").start().until_ready()
    pipeline.begin("produce", "mock", "--rate", "50", "--seed", "7")

    def measured() -> dict[str, Any] | None:
        found: dict[str, Any] | None = showing.get("/api/v1/operations")
        return found if found is not None and all(_counts(found)) else None

    found = eventually(measured, what="all of it measured")
    for way in found["journeys"][:3]:
        assert 0 < way["p50_s"] <= way["p95_s"] <= way["p99_s"] < 120
    by_agents = {tuple(each["agents"]): each["version"] for each in found["workers"]}
    assert by_agents[("track_prices",)] is not None
    assert len(by_agents) == 2

    working.kill()

    def silent() -> bool:
        answer = showing.get("/api/v1/operations")
        codes = {each["code"] for each in answer["notices"]} if answer else set()
        return "worker_silent" in codes

    eventually(silent, what="the silence noticed")


def _counts(found: dict[str, Any]) -> list[float]:
    """What is nothing until all has been measured: records, tables and the database in turn."""
    ways = {each["to"]: each for each in found["journeys"]}
    agents = {each["agent"]: each for each in found["agents"]}
    tables = {each["table"]: each for each in found["tables"]}
    last_seen = tables.get("last_seen_prices", {"rows": 0, "bytes": 0})
    return [
        *(ways[to]["records"] for to in ("processed", "row", "told")),
        *(agents.get(agent, {"records_per_s": 0})["records_per_s"] for agent in WORKING),
        last_seen["rows"],
        last_seen["bytes"],
        sum(table["bytes"] for table in found["database"]["tables"]),
    ]
