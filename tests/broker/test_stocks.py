"""The main job on real input: five stocks of PyPI's `vega-datasets`, through the whole pipeline."""

from decimal import Decimal

import pytest

from tests.broker.pipeline import Pipeline, eventually
from tests.sources.stocks import expected_moves, stocks_path

pytestmark = pytest.mark.broker


def test_five_stocks_come_out_as_plain_python_computes(pipeline: Pipeline) -> None:
    """Rows, drops and rises in Postgres, and what Discord heard, equal a recomputation."""
    path = stocks_path()
    expected = expected_moves(path)
    pipeline.worker("w1").start().until_ready()

    pipeline.run("import", str(path), "--source", "nasdaq")

    eventually(lambda: pipeline.count("price_history") == expected.rows, what="all rows")
    pipeline.audit()
    pipeline.until_told()
    by_kind = dict(pipeline.query("SELECT kind, count(*) FROM price_history GROUP BY kind"))
    assert by_kind == {
        kind: count
        for kind, count in (
            ("new", expected.new),
            ("drop", expected.drops),
            ("rise", expected.rises),
            ("same", expected.same),
        )
        if count
    }
    assert (
        dict(pipeline.query("SELECT event_id, count(*) FROM price_drop_alerts GROUP BY event_id"))
        == expected.drops_by_symbol
    )
    assert pipeline.told().total() == expected.drops
    last = dict(
        pipeline.query(
            "SELECT DISTINCT ON (event_id) event_id, price FROM price_history"
            " ORDER BY event_id, observed_at DESC"
        )
    )
    assert last == {symbol: Decimal(price) for symbol, price in expected.last_price.items()}
