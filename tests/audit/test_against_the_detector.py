"""Detector and audit were written apart; on whatever comes in they agree."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conscope_app.audit.comparison import Comparison
from conscope_app.audit.due import Names
from conscope_app.audit.report import Finding
from conscope_app.core.clock import to_epoch_ms
from conscope_app.core.ids import RecordId
from conscope_app.domains.tickets.records import decode_alert, decode_processed
from conscope_app.domains.tickets.seat_key import seat_key
from conscope_app.domains.tickets.tracking import REKEYED_FROM, track
from conscope_app.stream.dead_letters import dead_letter
from tests.audit.story import Stored, home_of

PARTITIONS = 2
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_MS = to_epoch_ms(NOW)
SEATS = ("1", "2", "GA")
LEFT_OUT = object()


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The usual most of the time (hypothesis prefers the ends of a range)."""
    return st.integers(0, 9).flatmap(lambda roll: odd if roll == 5 else usual)


prices = mostly(
    st.decimals(min_value="0.01", max_value="500", places=2).map(str)
    | st.sampled_from(["100", "100.0", "1e2", '"100"', "33", "7", "0.000000000000000001", "1e15"]),
    st.sampled_from(["0", "-1", "null", '"NaN"', '"Infinity"', "1e16", "1e-19", '"x"', "true"]),
)
moments = mostly(
    st.integers(-9, 5).map(lambda minutes: (NOW + timedelta(minutes=minutes)).isoformat()),
    st.sampled_from(
        [
            "2026-11-22T13:00:00+01:00",
            "2026-11-22T11:59:59.5",
            "2026-11-22T12:05:00.000001Z",
            "1899-12-31T23:59:59Z",
            "1900-01-01T00:00:00Z",
            "0001-01-01T00:00:00+02:00",
        ]
    ),
)
texts = st.sampled_from(
    ["", "a", "é\u0301", "a\tb", "a\nb", "a\x00", "a\x7fb", "\u202e", "x" * 513]
)
odd = st.one_of(texts, st.none(), st.integers(-1, 2), st.just(LEFT_OUT))
amounts = st.sampled_from([None, 0, 1.5, "2", -1, "NaN", 10**16])


def fields_of() -> st.SearchStrategy[dict[str, Any]]:
    """A price event that is mostly good, of one of few seats, with odd values here and there."""
    good = {
        "event_id": st.just("e"),
        "event_name": st.just("n"),
        "venue": st.just("v"),
        "event_date": st.just("d"),
        "source": st.just("s"),
        "section": st.just(""),
        "row": st.just("r"),
        "seat": st.sampled_from(SEATS),
        "timestamp": moments,
        "currency": st.sampled_from(["USD", "usd", "EUR", "USDT"]),
        "listing_id": st.sampled_from([None, None, "l-1", "l-2", "TBD"]),
    }
    optional = {
        "event_id": odd, "venue": odd, "event_date": odd, "date": odd, "url": odd,
        "listing_url": odd, "listing_id": odd, "seat": odd, "timestamp": odd, "currency": odd,
        "seller_notes": odd, "delivery_method": odd, "quantity": odd,
        "fees": amounts, "total_price": amounts, "unknown": odd,
    }  # fmt: skip
    few = st.sampled_from(sorted(optional)).flatmap(
        lambda name: optional[name].map(lambda value: {name: value})
    )
    return st.builds(
        lambda base, change: base | change, st.fixed_dictionaries(good), few | st.just({})
    )


def written(fields: dict[str, Any], price: str) -> bytes:
    """The event as JSON, the price spelled as it is."""
    kept = {name: value for name, value in fields.items() if value is not LEFT_OUT}
    return json.dumps({**kept, "price": "?"}).replace('"?"', price).encode()


values = st.builds(written, fields_of(), prices) | st.sampled_from(
    [None, b"", b"[]", b"\xff", b"{"]
)
marks = st.sampled_from([(), (), (), ((REKEYED_FROM, b"9-9"),), (("trace", b"1"),)])
placed = st.tuples(values, st.booleans(), st.integers(0, PARTITIONS - 1), marks)


class Pipeline:
    """The detector over an in-memory log: what it writes, and the rows that follow."""

    def __init__(self) -> None:
        self.raw: list[list[Stored]] = [[] for _ in range(PARTITIONS)]
        self.processed: list[Stored] = []
        self.alerts: list[Stored] = []
        self.dead: list[Stored] = []

    def append(self, partition: int, key: bytes | None, value: bytes | None, headers: Any) -> None:
        """A raw record."""
        at = len(self.raw[partition])
        self.raw[partition].append(Stored("raw_prices", partition, at, NOW_MS, key, value, headers))

    def run(self) -> None:
        """Until nothing is left to be read, re-keyed copies included."""
        states: list[dict[bytes, bytes]] = [{} for _ in range(PARTITIONS)]
        position = [0] * PARTITIONS
        while any(position[each] < len(self.raw[each]) for each in range(PARTITIONS)):
            for partition in range(PARTITIONS):
                slab = self.raw[partition][position[partition] :]
                position[partition] += len(slab)
                self._process(partition, slab, states[partition])

    def _process(self, partition: int, slab: list[Stored], state: dict[bytes, bytes]) -> None:
        out = track(slab, state.get, partition, lambda key: home_of(key, PARTITIONS))
        state.update(out.changes)
        for topic, sent, kept in (
            ("processed_prices", out.processed, self.processed),
            ("price_alerts", out.alerts, self.alerts),
        ):
            kept += [Stored(topic, partition, 0, NOW_MS, key, value) for key, value, _ in sent]
        for record, why in out.refused:
            letter = dead_letter(record, why.reason, why.message, stage="s", connector="a")
            where = ("raw_prices.dead", partition, 0, NOW_MS)
            self.dead.append(Stored(*where, letter.key, letter.value, tuple(letter.headers)))
        for target, key, record in out.rekeyed:
            mark = (REKEYED_FROM, f"{record.partition}-{record.offset}".encode())
            self.append(target, key, record.value, (*record.headers, mark))


@settings(max_examples=300)
@given(st.lists(placed, max_size=20))
def test_whatever_comes_in_the_detector_does_what_the_audit_expects(
    records: list[tuple[bytes | None, bool, int, Any]],
) -> None:
    """Good and bad, foreign and re-keyed, late and early, in any mixture."""
    pipeline = Pipeline()
    for value, at_home, partition, headers in records:
        key = key_of(value) if at_home else None
        home = partition if key is None else home_of(key, PARTITIONS)
        pipeline.append(home if at_home else partition, key, value, headers)
    pipeline.run()

    assert findings_of(pipeline) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_long_market_comes_out_alike(seed: int) -> None:
    """Hundreds of prices up and down, some late, some of foreign producers, in two currencies."""
    random = Random(seed)
    pipeline = Pipeline()
    for second in range(400):
        fields = {"event_id": "e", "event_name": "n", "venue": "v", "event_date": None}
        fields |= {"source": "s", "section": "", "row": "r", "seat": random.choice(SEATS)}
        fields["currency"] = random.choice(["USD"] * 9 + ["eur"])
        fields["timestamp"] = (
            NOW + timedelta(seconds=second - 400 + random.randint(-9, 9))
        ).isoformat()
        price = Decimal(random.randint(1, 10**9)).scaleb(-random.randint(0, 6))
        value = written(fields, str(price))
        key = key_of(value) if random.random() < 0.9 else None
        home = random.randrange(PARTITIONS) if key is None else home_of(key, PARTITIONS)
        pipeline.append(home, key, value, ())
    pipeline.run()

    assert pipeline.dead == []
    assert len(pipeline.processed) == 400
    assert len(pipeline.alerts) > 50
    assert findings_of(pipeline) == []


def findings_of(pipeline: Pipeline) -> list[Finding]:
    """What an audit of the pipeline finds."""
    ranges = {at: (0, len(log)) for at, log in enumerate(pipeline.raw)}
    comparison = Comparison(Names(), PARTITIONS, ranges)
    for log in pipeline.raw:
        for record in log:
            comparison.expect(record)
    for record in pipeline.processed:
        comparison.meet_processed(record)
        meet_row(comparison, comparison.places.history, decode_processed(record.value or b""))
    for record in pipeline.alerts:
        comparison.meet_alert(record)
        meet_row(comparison, comparison.places.drop_alerts, decode_alert(record.value or b""))
    for record in pipeline.dead:
        comparison.meet_dead(record)
    comparison.meet_copies()
    report = comparison.report({at: end for at, (_, end) in ranges.items()}, [])

    return report.findings


def key_of(value: bytes | None) -> bytes | None:
    """The key that an honest producer gives, where the value has one."""
    try:
        fields = msgspec.json.decode(value or b"")
        names = ("event_id", "source", "section", "row", "seat")
        return seat_key(*(fields[name] for name in names), fields.get("listing_id"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def meet_row(comparison: Comparison, place: Any, price: Any) -> None:
    """The row that the stores make of it."""
    raw = RecordId.parse(price.id)
    row = [getattr(price, name) for name in place.fields]
    comparison.meet_row(place, raw.partition, raw.offset, row)
